# %% [markdown]
# # Which conversation people prefer
# Choices between conversations, beside scores and ratings. Run it where the folder `dataset` with `choices` is.

# %%
from analysis import elo, frame, load, run_analyses
from analysis.figures import choice_curve
from analysis.preferences.models import odds

dataset = load("dataset")
found = run_analyses(dataset).preferences
frame(found.trials.flow)

# %%
frame(found.models, "outcome")

# %%
odds(found.models["higher"])

# %%
frame(found.by_gap)

# %%
choice_curve.draw(found.by_gap, found.models["higher"])

# %% [markdown]
# Ratings from the comparing model, with another K than the usual 32.

# %%
elo(dataset.comparisons, k=16).describe()

# %%
found.ranking.sort_values("strength").tail()
