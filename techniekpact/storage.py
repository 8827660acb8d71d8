import re

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

SITE = "css/site.css"
IMPORT = re.compile(r'@import url\("(?P<part>[^"]+)"\) layer\((?P<layer>\w+)\)(?: (?P<media>[^;]+))?;')
COMMENT_OR_INDENT = re.compile(r"/\*.*?\*/|(?<=\n)\s+", re.DOTALL)


class SiteStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Whitenoise's storage, which also puts the parts that css/site.css imports into it: one request, no build."""

    def post_process(self, paths, dry_run=False, **options):
        if SITE in paths and not dry_run:
            self.delete(SITE)
            self.save(SITE, ContentFile(bundle(paths).encode()))
            paths = paths | {SITE: (self, SITE)}
        yield from super().post_process(paths, dry_run, **options)


def bundle(paths):
    """The text of css/site.css with each import replaced by its part. `paths` is {name: (storage, path)}."""

    def text(name):
        storage, path = paths[name]
        with storage.open(path) as file:
            return file.read().decode()

    def part(found):
        block = f"@layer {found['layer']} {{\n{text('css/' + found['part'])}\n}}"
        return f"@media {found['media']} {{\n{block}\n}}" if found["media"] else block

    return COMMENT_OR_INDENT.sub("", IMPORT.sub(part, text(SITE)))
