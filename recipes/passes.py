"""Passes through a model of transformers, block by block, and losses on them."""

import torch
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from fathom_adapters import PROJECTIONS


def states(model, tokens, skipped=()):
    """The stream after 1, 2, … blocks, [texts, length, width]; blocks in `skipped` do not run.

    Texts are padded on the right: attention looks left, so it needs no mask. A caller that has what it
    wants stops asking.
    """
    stream = model.model.embed_tokens(tokens)
    places = torch.arange(tokens.shape[1], device=tokens.device)[None]
    rotation = model.model.rotary_emb(stream, position_ids=places)
    for index, block in enumerate(model.model.layers):
        if index not in skipped:
            stream = block(
                stream, attention_mask=None, position_ids=places, position_embeddings=rotation)
        yield stream


def last_state(model, tokens, skipped=()):
    """The stream after the last block."""
    for stream in states(model, tokens, skipped):
        pass
    return stream


def over_rows(function, *rows, size=256):
    """The sum of `function` over pieces of rows. Logits exist for a piece at a time, backward too."""
    total = 0.0
    for pieces in zip(*(row.split(size) for row in rows)):
        total = total + checkpoint(function, *pieces, use_reentrant=False)
    return total


def divergence(whole, other):
    """KL(whole ‖ other) of logits, row by row, in nats."""
    whole, other = whole.float().log_softmax(-1), other.float().log_softmax(-1)
    return (whole.exp() * (whole - other)).sum(-1)


def cross_entropy(model, stream, batch):
    """The sum over positions that decide a learnt token, through the final norm and the head."""
    def piece(rows, labels):
        return functional.cross_entropy(model.lm_head(rows).float(), labels, reduction="sum")
    return over_rows(piece, model.model.norm(stream[batch["decides"]]), batch["labels"][batch["decides"]])


def set_lora(model, used):
    """Switches the changes of a LoRA on or off."""
    from peft.tuners.lora import LoraLayer

    for module in model.modules():
        if isinstance(module, LoraLayer):
            module.enable_adapters(used)
            # PEFT freezes what it switches off.
            for name, parameter in module.named_parameters():
                if "lora_" in name:
                    parameter.requires_grad_(True)


def with_lora(model, rank, alpha, skipped=()):
    """Puts a LoRA beside every projection of the blocks that run; it is float32 and begins at nothing."""
    from peft import LoraConfig, inject_adapter_in_model

    kept = [index for index in range(len(model.model.layers)) if index not in skipped]
    config = LoraConfig(
        r=rank, lora_alpha=alpha or 2 * rank, target_modules=PROJECTIONS, layers_to_transform=kept)
    inject_adapter_in_model(config, model)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_("lora_" in name)
        if "lora_" in name:
            parameter.data = parameter.data.float()
    return model
