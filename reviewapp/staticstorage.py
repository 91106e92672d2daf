"""Static files as served: named by their content, also where one imports another."""

from whitenoise.storage import (  # type: ignore[import-untyped]  # it has no types
    CompressedManifestStaticFilesStorage,
)


class ModuleStaticFilesStorage(
    CompressedManifestStaticFilesStorage  # type: ignore[misc]  # it has no types
):
    """Whitenoise's storage, which also follows imports between ES modules."""

    support_js_module_import_aggregation = True
