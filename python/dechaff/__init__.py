"""dechaff cleans scraped pages: it strips menus, teasers, share bars and other boilerplate, repairs the encoding, and
says of every block why it stayed or went.

    import dechaff
    page = dechaff.Cleaner().clean(html, url="https://…")
    page.text, page.markdown, page.metadata, page.decisions
"""

from dechaff._dechaff import Cleaner, Decision, Page, Summary, __version__, clean_folder
from dechaff.errors import Error, FolderError, RulesError, SettingError
from dechaff.extraction import extract
from dechaff.templates import Templates

__all__ = [
    "Cleaner",
    "Decision",
    "Error",
    "FolderError",
    "Page",
    "RulesError",
    "SettingError",
    "Summary",
    "Templates",
    "__version__",
    "clean_folder",
    "extract",
]
