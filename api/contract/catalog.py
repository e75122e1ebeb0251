"""Products."""

from api.contract.base import AnswerBody
from api.contract.fields import Id


class ProductBody(AnswerBody):
    id: Id
    name: str
    seller_id: Id
    single_sale: bool
