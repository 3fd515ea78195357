"""Answers from the store, without a model: in plain sentences, with the time and the source.

For a model that may not be trusted with memory, and for when none answers at all. What is not
about the owner's own past or their things is none of its business and goes to the model.
"""

from vega.core.replies.answering import Replies
from vega.core.replies.reply import Reply

__all__ = ["Replies", "Reply"]
