"""Published bundles of policies: who published, compared, approved and activated them."""
