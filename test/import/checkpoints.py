"""
Writes sgd.pth, lars.pth and, like one of DINO, dino.pth: checkpoints of small networks that the official code (its folder is the first argument) made with
these optimizers, and next.safetensors: moments of the student's weights, gradients of the step after that, and the weights that the
optimizers make of them. Run it in this
folder to write them again.
"""

import argparse
import sys

import torch
from safetensors.torch import save_file

sys.path.insert(0, sys.argv[1])
import utils  # noqa: E402
from models.head import iBOTHead  # noqa: E402
from models.vision_transformer import VisionTransformer  # noqa: E402

EPOCHS, DONE, PER_EPOCH = 5, 2, 3


def args_of(optimizer):
    return argparse.Namespace(
        arch="vit_tiny",
        patch_size=8,
        out_dim=8,
        patch_out_dim=8,
        shared_head=True,
        shared_head_teacher=True,
        norm_last_layer=False,
        optimizer=optimizer,
        lr=0.3,
        min_lr=0.01,
        warmup_epochs=1,
        weight_decay=1e-4,
        weight_decay_end=1e-3,
        clip_grad=0.3,
        freeze_last_layer=1,
        epochs=EPOCHS,
        batch_size_per_gpu=2,
        world_size=2,
        warmup_teacher_temp_epochs=0,
        drop_path=0.0,
        data_path="pictures",
        saveckp_freq=0,
        seed=3,
    )


def network(**more):
    vit = VisionTransformer(
        img_size=[32], patch_size=8, embed_dim=12, depth=1, num_heads=3, mlp_ratio=2, qkv_bias=True, return_all_tokens=True, **more
    )
    head = iBOTHead(12, 8, patch_out_dim=8, norm_last_layer=False, shared_head=True, hidden_dim=8, bottleneck_dim=4)
    return utils.MultiCropWrapper(vit, head)


following = {}
for name in ("sgd", "lars"):
    torch.manual_seed(0)
    args = args_of(name)
    student, teacher = network(masked_im_modeling=True), network()
    teacher.load_state_dict(student.state_dict(), strict=False)
    groups = utils.get_params_groups(student)
    optimizer = torch.optim.SGD(groups, lr=0, momentum=0.9) if name == "sgd" else utils.LARS(groups)
    lr = utils.cosine_scheduler(
        args.lr * (args.batch_size_per_gpu * args.world_size) / 256.0, args.min_lr, EPOCHS, PER_EPOCH, warmup_epochs=args.warmup_epochs
    )
    decay = utils.cosine_scheduler(args.weight_decay, args.weight_decay_end, EPOCHS, PER_EPOCH)

    def step(it):
        for i, group in enumerate(optimizer.param_groups):
            group["lr"] = lr[it]
            if i == 0:
                group["weight_decay"] = decay[it]
        cls, patch = student([torch.randn(2, 3, 32, 32)], mask=[torch.rand(2, 4, 4) < 0.3])
        optimizer.zero_grad()
        (cls.square().sum() + patch.square().sum()).backward()
        gradients = {key: p.grad.clone() for key, p in student.named_parameters()}
        utils.clip_gradients(student, args.clip_grad)
        utils.cancel_gradients_last_layer(it // PER_EPOCH, student, args.freeze_last_layer)
        optimizer.step()
        return gradients

    for it in range(DONE * PER_EPOCH):
        step(it)
    torch.save(
        {
            "student": {f"module.{key}": value.clone() for key, value in student.state_dict().items()},
            "teacher": teacher.state_dict(),
            "optimizer": optimizer.state_dict(),
            "epoch": DONE,
            "args": args,
            "ibot_loss": {"center": torch.randn(1, 8), "center2": torch.randn(1, 1, 8)},
        },
        f"{name}.pth",
    )
    for key, p in student.named_parameters():
        following[f"{name}.moment.{key}"] = optimizer.state[p]["momentum_buffer" if name == "sgd" else "mu"].clone().contiguous()
    gradients = step(DONE * PER_EPOCH)
    for key, p in student.named_parameters():
        following[f"{name}.gradient.{key}"] = gradients[key].contiguous()
        following[f"{name}.weight.{key}"] = p.detach().clone().contiguous()
save_file(following, "next.safetensors")

# DINO's checkpoints are alike: without masks, centres of iBOT's losses, and arguments of a second head.
torch.manual_seed(1)
network = network()
args = argparse.Namespace(arch="vit_tiny", patch_size=8, out_dim=8, norm_last_layer=True, optimizer="adamw", use_bn_in_head=False, epochs=9)
weights = {key: value.clone() for key, value in network.state_dict().items() if "last_layer2" not in key}
torch.save(
    {
        "student": {f"module.{key}": value + 1 for key, value in weights.items()},
        "teacher": weights,
        "optimizer": {"state": {}, "param_groups": []},
        "epoch": 9,
        "args": args,
        "dino_loss": {"center": torch.zeros(1, 8)},
    },
    "dino.pth",
)
