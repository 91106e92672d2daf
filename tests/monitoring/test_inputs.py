"""The catalogue's input metrics are what the modalities measure, by the same names."""

from collections.abc import Mapping
from io import BytesIO

import pytest
from PIL import Image

from monitoring.catalogue import Amount
from monitoring.catalogue.inputs import INPUTS
from reviewapp.modalities import audio, image, tabular, text
from reviewapp.modalities.schemas import Schema
from reviewapp.models import Modality
from tests.modalities.sounds import encoded, tone


def measured(modality: Modality) -> Mapping[str, float | str]:
    match modality:
        case Modality.IMAGE:
            file = BytesIO()
            Image.new("L", (9, 9)).save(file, "PNG")
            return image.measure(image.read_image(file.getvalue(), name="a"))
        case Modality.TABULAR:
            schema = Schema.from_json([{"name": "width", "kind": "number"}])
            return tabular.measure(tabular.read_row(schema, {"width": 1}))
        case Modality.TEXT:
            # a line of texts has a vocabulary once its live version has a reference
            return text.measure(text.read_text("Hello"), vocabulary={"hello"})
        case Modality.AUDIO:
            return audio.measure(audio.read_audio(encoded(tone()), name="a"))


@pytest.mark.parametrize("modality", Modality)
def test_what_the_catalogue_reads_of_an_item_is_measured(modality: Modality) -> None:
    of_modality = [metric for metric in INPUTS if modality in metric.modalities]
    wanted = {one.key for one in of_modality if isinstance(one.reads, Amount)}

    assert wanted
    assert wanted <= measured(modality).keys()
