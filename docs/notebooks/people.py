# %% [markdown]
# # Single people
# Who changed by more than error explains, and do people know how they did? Run it where the folder `dataset` is.

# %%
import pandas as pd

from analysis import changes, felt_and_expressed, frame, load, observations, reliable_change, self_report
from analysis.figures import change_lines

dataset = load("dataset")
rows = observations(dataset)
change = reliable_change(rows)
frame(change.by_condition, "condition")

# %%
people = changes(rows, se_change=change.se_change)
people.sort_values("change").tail()

# %%
change_lines.draw(people, change)

# %% [markdown]
# Disposition, feeling and judged behaviour of each person side by side.

# %%
felt = felt_and_expressed(dataset.responses, rows)
felt.drop(columns="participant_id").corr()

# %%
frame(self_report(dataset.responses, rows), "item", "level")

# %%
ages = dataset.participants[["participant_id", "age"]].merge(people, on="participant_id")
ages.groupby(pd.cut(ages["age"], [17, 29, 44, 59, 130]), observed=True)["change"].agg(["size", "mean"])
