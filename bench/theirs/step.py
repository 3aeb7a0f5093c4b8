"""Training steps of the official iBOT code, one whenever it is asked for.

    python step.py SETUP        (bench/setup.ts says what is in it)

The steps are those of the official `train_one_epoch` itself, called once with a loader that waits for the next `step`. A step's
seconds go from the moment in which the loop gets a batch to the moment in which it asks for the next. Networks, loss, optimizer
and schedules are made as the official `train_ibot` makes them; DistributedDataParallel, which would only add work in a single
process, is left out.
"""

import json
import random
import sys
import time

import numpy
import torch

from official import load
from protocol import await_command, say

EPOCHS, PER_EPOCH = 100, 1250


def arguments(main_ibot, setup):
    """The official defaults, and the official recipe of masks: half of the views whole, of the others 10 to 50 % hidden."""
    given = {
        "arch": [setup["model"]["arch"]],
        "patch_size": [setup["model"]["patch"]],
        "out_dim": [setup["model"]["prototypes"]],
        "patch_out_dim": [setup["model"]["prototypes"]],
        "shared_head": ["true"],
        "drop_path": [setup["model"]["dropPath"]],
        "pred_ratio": [0, 0.3],
        "pred_ratio_var": [0, 0.2],
        "pred_shape": ["block"],
        "clip_grad": [3],
        "freeze_last_layer": [0],
        "batch_size_per_gpu": [setup["batch"]],
        "epochs": [EPOCHS],
        "global_crops_number": [setup["globals"]],
        "local_crops_number": [setup["locals"]],
    }
    # A recipe's own, where it is one of those in pipelines/.
    given.update(setup.get("arguments", {}))
    texts = [text for name, values in given.items() for text in (f"--{name}", *map(str, values))]
    return main_ibot.argparse.ArgumentParser(parents=[main_ibot.get_args_parser()]).parse_args(texts)


class Student(torch.nn.Module):
    """What DistributedDataParallel is to the training loop: something with a `module`."""

    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, *inputs, **options):
        return self.module(*inputs, **options)


def networks(models, utils, iBOTHead, args, model):
    extra = {} if model["size"] == 224 else {"img_size": [model["size"]]}
    swin = "swin" in args.arch
    if swin:
        extra["window_size"] = args.window_size

    def one(shared, head=None, **options):
        backbone = models.__dict__[args.arch](patch_size=args.patch_size, return_all_tokens=True, **extra, **options)
        return utils.MultiCropWrapper(
            backbone,
            iBOTHead(
                backbone.num_features if swin else backbone.embed_dim,
                args.out_dim,
                patch_out_dim=args.patch_out_dim,
                norm=args.norm_in_head,
                act=args.act_in_head,
                hidden_dim=model["hidden"],
                bottleneck_dim=model["bottleneck"],
                shared_head=shared,
                **(head or {}),
            ),
        )

    student = one(
        args.shared_head,
        {"norm_last_layer": args.norm_last_layer},
        # A Swin keeps its own drop path.
        **({} if swin else {"drop_path_rate": args.drop_path}),
        masked_im_modeling=args.use_masked_im_modeling,
    )
    teacher = one(args.shared_head_teacher, **({"drop_path_rate": 0.0} if swin else {}))
    teacher.load_state_dict(student.state_dict(), strict=False)
    for parameter in teacher.parameters():
        parameter.requires_grad = False
    return student, teacher


class OnDemand:
    """A loader whose next batch is there when the next step is asked for: the same noise for pictures, masks drawn anew."""

    def __init__(self, dataset, sizes, batch, pinned):
        self.dataset = dataset
        images = [torch.randn(batch, 3, size, size) for size in sizes]
        # As the official loader gives them to a GPU.
        self.images = [image.pin_memory() for image in images] if pinned else images
        self.batch = batch

    def __len__(self):
        return PER_EPOCH

    def masks(self):
        drawn = [self.dataset[i][2] for i in range(self.batch)]
        return [torch.from_numpy(numpy.stack(view)) for view in zip(*drawn)]

    def __iter__(self):
        labels = torch.arange(self.batch)
        while True:
            await_command("step")
            batch = self.images, labels, self.masks()
            began = time.perf_counter()
            yield batch
            say(seconds=time.perf_counter() - began)


def main():
    setup = json.loads(sys.argv[1])
    torch.set_num_threads(setup["threads"])
    began = time.perf_counter()
    device = setup.get("device", "cpu")
    if device == "cuda" and not torch.cuda.is_available():
        say(missing=f"PyTorch {torch.__version__} sees no GPU here")
        return
    main_ibot, models, utils, loader = load(setup["precision"], device)
    random.seed(0)
    utils.fix_random_seeds(0)
    args = arguments(main_ibot, setup)
    student, teacher = (part.to(device) for part in networks(models, utils, main_ibot.iBOTHead, args, setup["model"]))
    loss = main_ibot.iBOTLoss(
        args.out_dim,
        args.out_dim,
        args.global_crops_number,
        args.local_crops_number,
        args.warmup_teacher_temp,
        args.teacher_temp,
        args.warmup_teacher_patch_temp,
        args.teacher_patch_temp,
        args.warmup_teacher_temp_epochs,
        args.epochs,
        lambda1=args.lambda1,
        lambda2=args.lambda2,
        mim_start_epoch=args.pred_start_epoch,
    ).to(device)
    if setup["compile"]:
        # Every block has its own drop path: without more room than the usual 8 versions of a function, some would not be compiled.
        torch._dynamo.config.recompile_limit = 64
        # Patches are hidden by indexing with the mask, whose number of ones is known only when it runs.
        torch._dynamo.config.capture_dynamic_output_shape_ops = True
        # In place: the names of the parameters, by which the teacher follows the student, stay as they are.
        for part in (student.backbone, student.head, teacher.backbone, teacher.head, loss):
            part.compile(dynamic=False)
    student = Student(student)
    optimizer = torch.optim.AdamW(utils.get_params_groups(student))
    lr = utils.cosine_scheduler(
        args.lr * args.batch_size_per_gpu / 256.0, args.min_lr, args.epochs, PER_EPOCH, warmup_epochs=args.warmup_epochs
    )
    decay = utils.cosine_scheduler(args.weight_decay, args.weight_decay_end, args.epochs, PER_EPOCH)
    momentum = utils.cosine_scheduler(args.momentum_teacher, 1, args.epochs, PER_EPOCH)

    model = setup["model"]
    sizes = [model["size"]] * args.global_crops_number + [model["localSize"]] * args.local_crops_number
    dataset = loader.ImageFolderMask(
        sizes=sizes,
        count=PER_EPOCH * args.batch_size_per_gpu,
        patch_size=args.patch_size * (8 if "swin" in args.arch else 1),
        pred_ratio=args.pred_ratio,
        pred_ratio_var=args.pred_ratio_var,
        pred_aspect_ratio=(0.3, 1 / 0.3),
        pred_shape=args.pred_shape,
        pred_start_epoch=args.pred_start_epoch,
    )
    # After the warm-up, so that the learning rate isn't 0, and with masks.
    epoch = max(args.warmup_epochs, args.pred_start_epoch)
    dataset.set_epoch(epoch)
    say(ready=time.perf_counter() - began)
    batches = OnDemand(dataset, sizes, args.batch_size_per_gpu, device == "cuda")
    main_ibot.train_one_epoch(student, teacher, teacher, loss, batches, optimizer, lr, decay, momentum, epoch, None, args)


if __name__ == "__main__":
    main()
