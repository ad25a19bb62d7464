"""Word of mouth: what the comments of a customer are worth."""

from __future__ import annotations

from typing import Any


def word_of_mouth(worth: Any, comments: Any, made: Any, customers: Any) -> Any:
    """Return what the positive comments, or referrals, of a customer of a group are worth.

    What customers are worth who came by them, over all comments, times the comments that a
    customer of the group makes (Reichheld 2006, The Ultimate Question).

    Parameters
    ----------
    worth
        Of all customers who came by a comment.
    comments
        Comments in all.
    made, customers
        Comments that customers of the group made, and how many customers these are.

    Examples
    --------
    Dell: 4 million new customers, a quarter by referral, worth 210 each; 40 million comments, of
    which a promoter makes 8.

    >>> word_of_mouth(4e6 * 0.25 * 210, 40e6, 8, 1)
    42.0
    """
    return worth / comments * (made / customers)
