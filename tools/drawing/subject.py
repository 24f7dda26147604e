"""The subjects that an illustration can be of: the categories of the channels."""

from typing import Literal

Subject = Literal[
    "space", "nature", "weather", "health", "technology", "history", "countries", "science", "animals", "food", "economy", "culture", "energy", "security"
]
