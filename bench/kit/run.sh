#!/bin/sh
# Tries ibot on this machine's GPU, with the XLA plugin of an installed JAX; prints a line of JSON for each result.
# ./run.sh --help says what is tried. Nothing is installed, and nothing is left behind.
#
#   IBOT_PYTHON       the Python that has JAX, and torch and torchvision to compare with; by default python3
#   IBOT_OFFICIAL     a checkout of https://github.com/bytedance/ibot to compare with; the folder official beside this file, if it is there
#   IBOT_XLA_PLUGIN   a plugin's file, in place of JAX's
set -eu
kit=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
python=${IBOT_PYTHON:-python3}
folder=$(mktemp -d "${TMPDIR:-/tmp}/ibot-kit-XXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [ -f "$kit/node.gz" ]; then
  gzip -dc "$kit/node.gz" > "$folder/node"
elif command -v xz > /dev/null; then
  xz -dc "$kit/node.xz" > "$folder/node"
else
  "$python" -c 'import lzma, shutil, sys; shutil.copyfileobj(lzma.open(sys.argv[1]), sys.stdout.buffer)' "$kit/node.xz" > "$folder/node"
fi
chmod +x "$folder/node"

# ibot asks the python3 on the PATH where its packages are.
case $python in
  */*) PATH=$(dirname -- "$python"):$PATH ;;
esac
IBOT_PYTHON=$(command -v "$python" || true)
if [ -z "${IBOT_OFFICIAL:-}" ] && [ -f "$kit/official/main_ibot.py" ]; then IBOT_OFFICIAL=$kit/official; fi
# A driver that can't allocate prints pages of what it holds.
export PATH IBOT_PYTHON IBOT_OFFICIAL="${IBOT_OFFICIAL:-}" IBOT_CACHE="$folder/cache" TF_CPP_MIN_LOG_LEVEL="${TF_CPP_MIN_LOG_LEVEL:-2}"
cd "$folder"
"$folder/node" "$kit/bench/kit/kit.js" tries "$kit" "$folder" "$@"
