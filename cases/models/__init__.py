from .case import Case, CaseImage, CaseQuerySet, CaseSource, FormerSlug
from .incoming import Remark, Submission

__all__ = ["Case", "CaseImage", "CaseQuerySet", "CaseSource", "FormerSlug", "Remark", "Submission"]
