"""
Writes networks/: small networks of timm, transformers, torchvision and the code of DINOv2 (its folder is the first argument), as
these save them, what they compute of an image, and the names of networks that are refused. Run it in this folder to write them again.
"""

import argparse
import json
import os
import re
import shutil
import sys
import tempfile
from functools import partial

import timm
import torch
import torchvision
import transformers
from safetensors.torch import load_file, save_file
from timm.models.deit import VisionTransformerDistilled
from timm.models.swin_transformer import SwinTransformer
from timm.models.swin_transformer_v2 import SwinTransformerV2
from timm.models.vision_transformer import VisionTransformer

os.environ["XFORMERS_DISABLED"] = "1"
sys.path.insert(0, sys.argv[1])
from dinov2.models.vision_transformer import DinoVisionTransformer  # noqa: E402

FOLDER = "networks"
shutil.rmtree(FOLDER, ignore_errors=True)
os.makedirs(FOLDER)
torch.manual_seed(0)
images = {size: torch.randn(1, 3, size, size) for size in (12, 16, 24)}
expected = {f"images.{size}": image.permute(0, 2, 3, 1).contiguous() for size, image in images.items()}
refused = {}


def random(model):
    """All weights drawn, the first features so small that the epsilon of the norms is seen."""
    with torch.no_grad():
        for name, p in model.named_parameters():
            is_norm = p.ndim == 1 and name.endswith("weight")
            p.normal_(1.0 if is_norm else 0.0, 0.2)
            if any(part in name for part in ("patch_embed", "conv_proj", "features.0.0", "pos", "token")) and "norm" not in name:
                p.mul_(0.03)
    return model.eval()


def flat(tokens):
    """A map or tokens of one image, with their mean before them: [1 + N, width]."""
    patches = tokens.reshape(-1, tokens.shape[-1])
    return torch.cat([patches.mean(0, keepdim=True), patches])


def record(name, tokens):
    expected[name] = tokens.detach().contiguous()


def state_dict(name, model, tokens):
    save_file({key: value.contiguous() for key, value in model.state_dict().items()}, f"{FOLDER}/{name}.safetensors")
    record(name, tokens)


def of_timm(name, model, size=12):
    with torch.no_grad():
        tokens = random(model).forward_features(images[size])[0]
        if name == "timm-mean":
            patches = tokens[1:]
            tokens = torch.cat([model.fc_norm(patches.mean(0, keepdim=True)), patches])
        elif name == "timm-swin":
            tokens = flat(tokens)
        else:
            tokens = torch.cat([tokens[:1], tokens[model.num_prefix_tokens :]])
    state_dict(name, model, tokens)


vit = dict(img_size=12, patch_size=4, embed_dim=8, depth=2, num_heads=2, mlp_ratio=2, num_classes=3)
eps = partial(torch.nn.LayerNorm, eps=1e-6)
of_timm("timm-vit", VisionTransformer(**vit))
of_timm("timm-layerscale", VisionTransformer(**vit, init_values=0.1))
of_timm("timm-mean", VisionTransformer(**vit, global_pool="avg"))
of_timm("timm-registers", VisionTransformer(**vit, reg_tokens=2, no_embed_class=True))
of_timm("timm-registers-with-positions", VisionTransformer(**vit, reg_tokens=2))
of_timm("timm-distilled", VisionTransformerDistilled(**vit))
of_timm("timm-deit3", VisionTransformer(**vit, no_embed_class=True, init_values=0.1))
swin = dict(img_size=24, patch_size=2, embed_dim=8, depths=(2, 2), num_heads=(1, 2), window_size=3, mlp_ratio=2, num_classes=3)
of_timm("timm-swin", SwinTransformer(**swin), 24)

for name, chunks, size in (("dinov2", 0, 12), ("dinov2-chunked", 2, 12), ("dinov2-resized", 1, 16)):
    extra = dict(num_register_tokens=2) if chunks == 2 else {}
    model = random(
        DinoVisionTransformer(
            img_size=12, patch_size=4, embed_dim=8, depth=2, num_heads=2, mlp_ratio=2, init_values=0.1, block_chunks=chunks, **extra
        )
    )
    with torch.no_grad():
        out = model.forward_features(images[size])
    state_dict(name, model, torch.cat([out["x_norm_clstoken"], out["x_norm_patchtokens"][0]]))


def of_transformers(name, model, inner=None, prefix=1, size=12, **call):
    random(model).save_pretrained(f"{FOLDER}/{name}")
    save_file(dict(model.state_dict()), f"{FOLDER}/{name}/state_dict.safetensors")
    with torch.no_grad():
        tokens = (inner or model)(images[size], **call).last_hidden_state[0]
    record(name, flat(tokens) if prefix == 0 else torch.cat([tokens[:1], tokens[prefix:]]))


T = transformers
hf = dict(hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16, image_size=12, patch_size=4)
dino = dict(hidden_size=8, num_hidden_layers=2, num_attention_heads=2, mlp_ratio=2, image_size=12, patch_size=4)
of_transformers("hf-vit", T.ViTModel(T.ViTConfig(**hf)))
of_transformers("hf-vit-eps", T.ViTModel(T.ViTConfig(**hf, layer_norm_eps=1e-3, qkv_bias=False)))
model = T.ViTForImageClassification(T.ViTConfig(**hf))
of_transformers("hf-classifier", model, model.vit)
model = T.ViTForMaskedImageModeling(T.ViTConfig(**hf, encoder_stride=4))
of_transformers("hf-simmim", model, model.vit)
of_transformers("hf-deit", T.DeiTModel(T.DeiTConfig(**hf)), prefix=2)
model = T.ViTMAEForPreTraining(
    T.ViTMAEConfig(
        **hf,
        mask_ratio=0.0,
        decoder_hidden_size=4,
        decoder_num_attention_heads=2,
        decoder_num_hidden_layers=1,
        decoder_intermediate_size=8,
    )
)
of_transformers("hf-mae", model, model.vit, noise=torch.arange(9.0)[None])
of_transformers("hf-dinov2", T.Dinov2Model(T.Dinov2Config(**dino)))
of_transformers("hf-dinov2-registers", T.Dinov2WithRegistersModel(T.Dinov2WithRegistersConfig(**dino, num_register_tokens=2)), prefix=3)
hf_swin = dict(image_size=24, patch_size=2, embed_dim=8, depths=[2, 2], num_heads=[1, 2], window_size=3, mlp_ratio=2.0)
of_transformers("hf-swin", T.SwinModel(T.SwinConfig(**hf_swin)), prefix=0, size=24)

model = random(torchvision.models.VisionTransformer(12, 4, 2, 2, 8, 16, num_classes=3))
with torch.no_grad():
    x = model._process_input(images[12])
    tokens = model.encoder(torch.cat([model.class_token, x], 1))[0]
state_dict("torchvision-vit", model, tokens)
model = random(torchvision.models.SwinTransformer([2, 2], 8, [2, 2], [1, 2], [3, 3], mlp_ratio=2, num_classes=3))
with torch.no_grad():
    state_dict("torchvision-swin", model, flat(model.norm(model.features(images[24]))[0]))


def refuse(name, model):
    refused[name] = {key: list(value.shape) for key, value in model.state_dict().items()}
    if isinstance(model, T.PreTrainedModel):
        with tempfile.TemporaryDirectory() as folder:
            model.save_pretrained(folder)
            saved = load_file(f"{folder}/model.safetensors")
        refused[f"{name}, saved"] = {key: list(value.shape) for key, value in saved.items()}


refuse("DINOv2's giant", DinoVisionTransformer(img_size=12, patch_size=4, embed_dim=8, depth=1, num_heads=2, ffn_layer="swiglu"))
refuse("transformers' Dinov2Model with SwiGLU", T.Dinov2Model(T.Dinov2Config(**dino, use_swiglu_ffn=True)))
refuse("transformers' BeitModel", T.BeitModel(T.BeitConfig(**hf)))
refuse("transformers' BeitModel with relative positions", T.BeitModel(T.BeitConfig(**hf, use_relative_position_bias=True)))
refuse("transformers' Data2VecVisionModel", T.Data2VecVisionModel(T.Data2VecVisionConfig(**hf)))
refuse("transformers' DINOv3ViTModel", T.DINOv3ViTModel(T.DINOv3ViTConfig(**hf)))
refuse("transformers' CLIPModel", T.CLIPVisionModel(T.CLIPVisionConfig(**hf)))
refuse("transformers' SiglipVisionModel", T.SiglipVisionModel(T.SiglipVisionConfig(**hf)))
refuse("transformers' Swinv2Model", T.Swinv2Model(T.Swinv2Config(**hf_swin)))
refuse("transformers' SwinModel with absolute positions", T.SwinModel(T.SwinConfig(**hf_swin, use_absolute_embeddings=True)))
refuse("transformers' IJepaModel", T.IJepaModel(T.IJepaConfig(**hf)))
refuse("transformers' YolosModel", T.YolosModel(T.YolosConfig(**{**hf, "image_size": [12, 12]}, num_detection_tokens=2)))
refuse("timm's Swin v2", SwinTransformerV2(**swin))
refuse("timm's CLIP", VisionTransformer(**vit, pre_norm=True))
refuse("timm's ViT with QK norms", VisionTransformer(**vit, qk_norm=True))
refuse("timm's ViT without [CLS]", VisionTransformer(**vit, class_token=False, global_pool="avg"))
refuse("timm's SigLIP", VisionTransformer(**vit, class_token=False, global_pool="map"))
refuse("timm's BEiT", timm.models.beit.Beit(img_size=12, patch_size=4, embed_dim=8, depth=1, num_heads=2, init_values=0.1, use_rel_pos_bias=True))
refuse("timm's EVA-02", timm.models.eva.Eva(img_size=12, patch_size=4, embed_dim=8, depth=1, num_heads=2, use_rot_pos_emb=True, swiglu_mlp=True))
refuse(
    "timm's DINOv3",
    timm.models.eva.Eva(
        img_size=12, patch_size=4, embed_dim=8, depth=1, num_heads=2, use_abs_pos_emb=False, use_rot_pos_emb=True, init_values=0.1
    ),
)
refuse("timm's CaiT", timm.models.cait.Cait(img_size=16, patch_size=4, embed_dim=8, depth=1, num_heads=2))
refuse("timm's XCiT", timm.models.xcit.Xcit(img_size=16, patch_size=16, embed_dim=8, depth=1, num_heads=2))
refuse("timm's hybrid of ResNet and ViT", timm.create_model("vit_tiny_r_s16_p8_224", embed_dim=12, depth=1))
refuse("a ResNet", torchvision.models.resnet18())
refuse("timm's ConvNeXt", timm.create_model("convnext_atto", depths=(1, 1, 1, 1), dims=(4, 4, 4, 4)))

# What programs save beside a network, and around it.
small = dict(img_size=4, patch_size=2, embed_dim=4, depth=2, num_heads=1, mlp_ratio=1, num_classes=0)
one, other = (random(VisionTransformer(**small)).state_dict() for _ in range(2))


def below(prefix, weights):
    return {f"{prefix}{key}": value for key, value in weights.items()}


def chunked(weights):
    return {re.sub(r"^blocks\.(\d+)\.", r"blocks.\1.\1.", key): value for key, value in weights.items()}


head = {f"{key}.weight": torch.randn(3, 3) for key in ("mlp.0", "mlp.2", "last_layer")}
optimizer = {"state": {0: {"step": torch.tensor(3.0), "exp_avg": torch.zeros(2)}}, "param_groups": [{"lr": 0.1, "params": [0]}]}
saved = {
    "lightning": {"state_dict": below("model.", one), "epoch": 1, "optimizer_states": [optimizer], "hyper_parameters": {"lr": 0.1}},
    "moco": {
        "epoch": 300,
        "arch": "vit_small",
        "state_dict": {
            **below("module.base_encoder.", other),
            **below("module.momentum_encoder.", one),
            **below("module.base_encoder.head.", head),
            **below("module.predictor.", head),
        },
        "optimizer": optimizer,
    },
    "deit": {"model": other, "model_ema": one, "optimizer": optimizer, "args": argparse.Namespace(model="deit_tiny", lr=0.1)},
    "timm": {"state_dict": other, "state_dict_ema": one, "arch": "vit_tiny_patch16_224", "epoch": 3},
    "mae": {
        "model": {**one, "mask_token": torch.zeros(1, 1, 4), **below("decoder_blocks.0.", head), "decoder_pos_embed": torch.zeros(1, 5, 4)},
        "args": argparse.Namespace(model="mae_vit_base"),
    },
    "dinov2-teacher": {"teacher": {**below("backbone.", chunked(one)), **below("dino_head.", head), **below("ibot_head.", head)}},
    "dinov2-training": {
        "model": {**below("student.backbone.", chunked(other)), **below("teacher.backbone.", chunked(one))},
        "iteration": 3,
        "optimizer": optimizer,
    },
    "fabric": {"state": {"net": {"backbone": below("_orig_mod.", one)}}},
    "swav": {"model": {"student": other}, "ema": {"model": one}},
    "bare": one,
}
for name, value in saved.items():
    torch.save(value, f"{FOLDER}/{name}.pth")

with open("refused.json", "w") as file:
    json.dump(refused, file, separators=(",", ":"))
save_file(expected, f"{FOLDER}/expected.safetensors")
