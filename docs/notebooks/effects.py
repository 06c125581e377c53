# %% [markdown]
# # Effects of the treatments
# From a dataset folder to the preregistered models, their contrasts and one figure.
# Run it where the folder `dataset` is.

# %%
from analysis import contrasts, effects, frame, load, observations
from analysis.figures import effect_bars

dataset = load("dataset")
rows = observations(dataset)
rows.groupby(["condition", "post"])["overall"].describe()

# %% [markdown]
# One regression per dimension. A product such as `video:post` is the effect of a treatment, in points; `standardised`
# divides by the SD of the dimension.

# %%
fits = effects(rows)
table = frame(fits, "dimension")
table[table["term"].str.endswith(":post")]

# %%
frame(contrasts(fits))

# %%
effect_bars.draw(fits)

# %% [markdown]
# Any other question on the same rows: does the effect hold in the second round alone?

# %%
second = rows[rows["round"] <= 2]
frame(effects(second), "dimension").query("dimension == 'overall' and term.str.endswith(':post')", engine="python")
