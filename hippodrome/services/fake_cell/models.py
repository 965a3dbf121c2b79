"""Models: how wide their vectors are, what they can look at, which of them count as loaded."""

import re
from functools import lru_cache
from typing import Any, Literal

from hippodrome.services.common.errors import ApiError

Modality = Literal["text", "image", "video", "audio"]

NO_MODEL = "no_model"
NO_VECTORS = (
    f"Cannot vectorise anything with '{NO_MODEL}'. This model is intended for adding documents and searching with "
    "custom vectors only. If vectorisation is needed, please use a different model "
)
DIMENSION_MAX = 10_000
PRELOADED = ("hf/e5-base-v2", "open_clip/ViT-B-32/laion2b_s34b_b79k")
WIDTHS: tuple[tuple[str, int], ...] = (  # marqo 2.13, s2_inference/model_registry.py; the first that fits counts
    (r"random/small", 32),
    (r"random/medium", 128),
    (r"random/large", 768),
    (r"random", 384),
    (r"(sentence-transformers/)?test|test_prefix", 16),
    (r"(hf|onnx|sentence-transformers|flax-sentence-embeddings)/all.*MiniLM-L\d+(-v\d)?", 384),
    (r"(hf|onnx|sentence-transformers|flax-sentence-embeddings)/all.*mpnet-base(-v\d)?", 768),
    (r"hf/(multilingual-)?e5-small.*", 384),
    (r"hf/(multilingual-)?e5-base.*", 768),
    (r"hf/(multilingual-)?e5-large.*", 1024),
    (r"hf/bge-small-zh-v1.5", 512),
    (r"hf/bge-small-en-v1.5", 384),
    (r"hf/bge-base-.*|hf/snowflake-arctic-embed-m.*", 768),
    (r"hf/(bge-large-.*|GIST-large-.*|snowflake-arctic-embed-l|ember-v1)|Marqo/dunzhang-stella.*", 1024),
    (r"Marqo/marqo-fashionCLIP", 512),
    (r"LanguageBind/.+|Marqo/marqo-fashionSigLIP|visheratin/nllb.*base.*", 768),
    (r"open_clip/ViT-SO400M.*|visheratin/nllb.*large.*", 1152),
    (r".*open_clip/ViT-bigG.*", 1280),
    (r".*(RN50x16|ViT-L[-/]14|EVA02-L|ViT-B-16-SigLIP|convnext_large).*", 768),
    (r".*(RN50x4|ViT-B-16-plus|convnext_base).*", 640),
    (r".*(RN50|ViT-[Hg]-14|ViT-L-16-SigLIP|convnext_xxlarge).*", 1024),
    (r".*(RN101|ViT-B[-/]|EVA02-B|xlm-roberta-base).*", 512),
)
LOOKING = re.compile(r".*(clip|ViT|RN\d|siglip|fashion|convnext|EVA02).*", re.IGNORECASE)


def dimension_of(settings: dict[str, Any]) -> int:
    """How wide an index's vectors are. Raises ApiError for a model that nobody knows."""
    own = (settings.get("modelProperties") or {}).get("dimensions")
    if isinstance(own, int) and not isinstance(own, bool) and 0 < own <= DIMENSION_MAX:
        return own
    if width := _width(settings["model"]):
        return width
    what = "Please check that the model name is correct."
    hint = "Please provide model_properties if the model is a custom model and is not supported by default"
    message = f"Could not find model properties for model={settings['model']}. {what} {hint}"
    raise ApiError(400, "invalid_argument", message)


@lru_cache(maxsize=256)  # it is asked for with each document
def _width(model: str) -> int | None:
    """None for one that nobody knows."""
    return next((dimension for pattern, dimension in WIDTHS if re.fullmatch(pattern, model)), None)


def modalities_of(settings: dict[str, Any]) -> frozenset[Modality]:
    """What its model makes vectors of; of one that is not known by name, of all."""
    model = settings["model"]
    if model.startswith("LanguageBind/"):
        named: tuple[Modality, ...] = ("video", "audio", "image")
        return frozenset({"text", *(each for each in named if each in model.lower())})
    if LOOKING.match(model):
        return frozenset({"text", "image"})
    return frozenset({"text"} if _width(model) else {"text", "image", "video", "audio"})


class Loaded:
    """Models that count as loaded: the two that the server begins with, and each that was used since."""

    def __init__(self) -> None:
        self._names = dict.fromkeys(PRELOADED)

    def use(self, name: str) -> None:
        if name != NO_MODEL:
            self._names.setdefault(name)

    def eject(self, name: str) -> None:
        """Raises ApiError 404."""
        if name not in self._names:
            message = f"The model_name `{name}` device `cpu` is not cached or found"
            raise ApiError(404, "model_not_in_cache", message)
        del self._names[name]

    def told(self) -> list[dict[str, str]]:
        """Under the names of the server's older versions and of the newer ones."""
        return [
            {"model_name": name, "model_device": "cpu", "modelName": name, "modelDevice": "cpu"}
            for name in sorted(self._names)
        ]
