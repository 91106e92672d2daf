"""Static files as served: named by their content, also where one imports another."""

from whitenoise.storage import (  # type: ignore[import-untyped]  # it has no types
    CompressedManifestStaticFilesStorage,
)


class ModuleStaticFilesStorage(
    CompressedManifestStaticFilesStorage  # type: ignore[misc]  # it has no types
):
    """Whitenoise's storage, which also follows imports between our own modules.

    Only in ``js/``: what packages bring along may import what is not served.
    """

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = (
        "js/*.js",
        CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1],  # noqa: SLF001 - Django has no public name for it
    )
