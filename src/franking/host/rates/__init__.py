"""What a piece of mail owes: the published price lists, by date of mailing.

``price`` answers for one piece; ``franking.host.rates.editions`` holds one file a price list, each
cell with its public source. A date before the first list, in a gap between two, or a cell that no
source gives is refused, never guessed. A list takes effect at the start of its day, all at once.
"""

from franking.host.rates.book import RateBook, price, published

__all__ = ["RateBook", "price", "published"]
