"""A stance head over the mean of all token states, for encoders whose first token was never trained to stand for a text."""

from typing import Any

import torch
from transformers import AutoConfig, AutoModel, PreTrainedConfig, PreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput

from stancekit.stance import STANCES

USUAL_DROPOUT = 0.1


class MeanConfig(PreTrainedConfig):  # type: ignore[misc]
    """encoder: the config of the encoder, as a mapping. dropout: share of the mean's features set to 0 in training."""

    # A name of our own: transformers alone refuses it, where under the family's it would draw a head without a word.
    model_type = "stancekit-mean"

    @classmethod
    def of_encoder(cls, config: Any) -> "MeanConfig":
        """From the transformers config of an encoder, with its dropout, its labels and its way to draw weights."""
        given = (getattr(config, name, None) for name in ("classifier_dropout", "hidden_dropout_prob", "dropout"))
        return cls(
            encoder=config.to_dict(),
            dropout=next((dropout for dropout in given if dropout is not None), USUAL_DROPOUT),
            initializer_range=getattr(config, "initializer_range", 0.02),
            id2label=config.id2label,
            label2id=config.label2id,
            problem_type=config.problem_type,
        )


class MeanStanceModel(PreTrainedModel):  # type: ignore[misc]
    """Three logits from the mean of the states of statement and proposal (Reimers & Gurevych 2019 pool in this way)."""

    config_class = MeanConfig
    base_model_prefix = "encoder"

    def __init__(self, config: MeanConfig) -> None:
        super().__init__(config)
        self.encoder = AutoModel.from_config(AutoConfig.for_model(**config.encoder), dtype=torch.float32, trust_remote_code=False)
        # Without a gradient, it would stop a training on several devices.
        if getattr(self.encoder, "pooler", None) is not None:
            self.encoder.pooler = None
        self.dropout = torch.nn.Dropout(config.dropout)
        self.classifier = torch.nn.Linear(self.encoder.config.hidden_size, len(STANCES))
        self.post_init()

    # Takes no further arguments on purpose: the Trainer then divides the loss by the batches that it accumulates.
    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        token_type_ids: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
    ) -> SequenceClassifierOutput:
        """Logits of shape (n, 3) for inputs of shape (n, length); with labels, the mean cross-entropy too."""
        types = {} if token_type_ids is None else {"token_type_ids": token_type_ids}
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask, **types).last_hidden_state
        mask = attention_mask.unsqueeze(-1)
        # In float32: half precision is too coarse to sum hundreds of tokens.
        mean = (states.float() * mask).sum(dim=1) / mask.sum(dim=1)
        logits = self.classifier(self.dropout(mean.to(states.dtype)))
        loss = None if labels is None else torch.nn.functional.cross_entropy(logits, labels)
        return SequenceClassifierOutput(loss=loss, logits=logits)
