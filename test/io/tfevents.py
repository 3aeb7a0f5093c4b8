"""Writes tfevents.json: records as PyPI's tensorboard writes them. Run it in this folder to write it again."""

import io
import json

import tensorboard
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary
from tensorboard.summary.writer.record_writer import RecordWriter


def record(event):
    file = io.BytesIO()
    RecordWriter(file).write(event.SerializeToString())
    return file.getvalue().hex()


value = Summary.Value
histogram = HistogramProto(
    min=-1.5, max=4, num=5, sum=6.25, sum_squares=21.5, bucket_limit=[-1, 0, 1e308], bucket=[2, 0, 3]
)
image = Summary.Image(height=2, width=3, colorspace=3, encoded_image_string=bytes([137, 80, 78, 71]))
events = {
    'begin': Event(wall_time=1700000000.25, file_version='brain.Event:2'),
    'restart': Event(wall_time=1700000001, step=301, session_log=SessionLog(status=SessionLog.START)),
    'scalars': Event(
        wall_time=1700000002.5,
        step=123456789012,
        summary=Summary(value=[value(tag='loss', simple_value=8.125), value(tag='größe', simple_value=-0.1)]),
    ),
    'image': Event(wall_time=0.5, step=7, summary=Summary(value=[value(tag='views', image=image)])),
    'histogram': Event(wall_time=0.5, step=7, summary=Summary(value=[value(tag='w', histo=histogram)])),
}
with open('tfevents.json', 'w') as file:
    json.dump({'tensorboard': tensorboard.__version__, 'records': {k: record(e) for k, e in events.items()}}, file, indent=1)
    file.write('\n')
