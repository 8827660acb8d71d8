from django import template

from publishing.markdown import render_markdown

register = template.Library()


@register.filter
def markdown(text):
    """Markdown as harmless HTML; '' for nothing."""
    return render_markdown(text or "")
