"""The Django app of the reviews, with the triggers that tie each review to its grant."""

from decisions.triggers import GuardedAppConfig, Trigger
from marketplace.moderation.apps import keeps_its_item

NOT_AS_GRANTED = (
    "NOT EXISTS (SELECT 1 FROM orders_reviewgrant WHERE id = NEW.grant_id "
    "AND product_id = NEW.product_id AND buyer_id = NEW.buyer_id)"
)
FOREIGN = "a review is for the product and by the buyer of its grant"


class ReviewsConfig(GuardedAppConfig):
    name = "marketplace.reviews"
    default = True
    policies = ("review_eligibility",)
    lists = ("marketplace.reviews.facts.REVIEWABLE",)
    erases = ("marketplace.reviews.services.blank_reviews",)
    triggers = (
        Trigger("reviews_review_as_granted", "reviews_review", "INSERT", FOREIGN, when=NOT_AS_GRANTED),
        Trigger("reviews_review_stays_as_granted", "reviews_review", "UPDATE", FOREIGN, when=NOT_AS_GRANTED),
        keeps_its_item("reviews_review"),
    )
