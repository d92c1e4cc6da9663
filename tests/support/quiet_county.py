"""Weekly counts of invented counties in which nothing changes: the null against which findings are false alarms."""

import numpy as np

N_TOWNSHIPS = 24
N_CATEGORIES = (6, 5, 6, 6, 5)  # of the five streams, disputes first


def draw(seed: int, *, n_weeks: int = 364, per_week: float = 230.0, shock: float = 0.0, season: float = 0.0,
         persistence: float = 0.0) -> np.ndarray:
    """Return counts (n_townships, n_categories, n_weeks).

    `shock`: standard deviation of log multipliers drawn each week for each stream and each township × stream (with
    autocorrelation `persistence`); `season`: amplitude of a yearly wave that differs by stream.
    """
    rng = np.random.default_rng(seed)
    n_categories = sum(N_CATEGORIES)
    stream_of = np.repeat(np.arange(len(N_CATEGORIES)), N_CATEGORIES)
    size = rng.lognormal(0, 0.5, N_TOWNSHIPS)[:, None] * rng.lognormal(0, 0.7, n_categories)[None, :]
    size *= per_week / size.sum()
    t = np.arange(n_weeks)
    phase = rng.uniform(0, 2 * np.pi, len(N_CATEGORIES))
    wave = 1 + season * np.sin(2 * np.pi * t / 52.18 + phase[:, None])
    county = _shocks(rng, (len(N_CATEGORIES), n_weeks), shock, persistence)
    local = _shocks(rng, (N_TOWNSHIPS, len(N_CATEGORIES), n_weeks), shock, persistence)
    rate = size[:, :, None] * (wave * county)[stream_of][None] * local[:, stream_of]
    return rng.poisson(rate).astype("float64")


def _shocks(rng, shape, sd, persistence):
    noise = rng.normal(0, 1, shape)
    for w in range(1, shape[-1]):
        noise[..., w] = persistence * noise[..., w - 1] + np.sqrt(1 - persistence**2) * noise[..., w]
    return np.exp(sd * noise - sd**2 / 2)


def as_series(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[str], list[tuple]]:
    """Return the series the product looks at: counts, parents, kinds, names."""
    stream_of = np.repeat(np.arange(len(N_CATEGORIES)), N_CATEGORIES)
    rows, parents, kinds, names = [], [], [], []
    for s in range(len(N_CATEGORIES)):
        rows.append(counts[:, stream_of == s].sum(axis=(0, 1)))
        parents.append(s)
        kinds.append("stream")
        names.append(("stream", s))
    for k in range(len(stream_of)):
        rows.append(counts[:, k].sum(axis=0))
        parents.append(stream_of[k])
        kinds.append("category")
        names.append(("category", k))
    for t in range(N_TOWNSHIPS):
        for s in range(len(N_CATEGORIES)):
            rows.append(counts[t, stream_of == s].sum(axis=0))
            parents.append(s)
            kinds.append("township_stream")
            names.append(("township_stream", t, s))
        for k in range(N_CATEGORIES[0]):
            rows.append(counts[t, k])
            parents.append(len(N_CATEGORIES) + k)
            kinds.append("township_category")
            names.append(("township_category", t, k))
    return np.array(rows), np.array(parents), kinds, names
