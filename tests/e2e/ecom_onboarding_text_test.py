"""The same first day with products that are text alone: no pictures, no variants."""

import pytest

from hippodrome.shop.products import documents as made_up
from tests.e2e.conftest import Stack
from tests.e2e.onboarding import PRODUCTS, Documents, Onboarding


class TestOnboardingText(Onboarding):
    @pytest.fixture(scope="class")
    @classmethod
    def documents(cls, stack: Stack) -> Documents:
        firsts = {each["parentProductId"]: each for each in reversed(list(made_up(PRODUCTS, stack.seed)))}
        return [
            {name: value for name, value in each.items() if name not in ("variantImageUrl", "parentProductId")}
            for each in firsts.values()
        ]
