"""Makes permutation.csv: `Permutation` in plain Python, for scripts that need the same order.

    python permutation.py        # or: python permutation.py --check
"""

from pathlib import Path

from committed import write_or_check

TABLE = Path(__file__).resolve().parent / "permutation.csv"
ROUNDS, STREAM = 8, 3
WORD = 2**32 - 1
ROTATIONS = (13, 15, 26, 6, 17, 29, 16, 24)
SETS = [(n, seed) for n in (1, 2, 3, 4, 5, 16, 17, 100) for seed in (0, 1, 2**32, 2**64 - 1)]
LARGE = [(n, seed) for n in (569, 65536, 2**31, 2**32 - 1) for seed in (7, 0x0123456789ABCDEF)]


def threefry(key, counter):
    """The first word of Threefry-2x32 with 20 rounds."""
    k = (key & WORD, key >> 32, 0x1BD11BDA ^ (key & WORD) ^ (key >> 32))
    x = [counter[0] + k[0] & WORD, counter[1] + k[1] & WORD]
    for i in range(20):
        x[0] = x[0] + x[1] & WORD
        r = ROTATIONS[i % 8]
        x[1] = (x[1] << r | x[1] >> 32 - r) & WORD ^ x[0]
        if i % 4 == 3:
            group = i // 4 + 1
            x[0] = x[0] + k[group % 3] & WORD
            x[1] = x[1] + k[(group + 1) % 3] + group & WORD
    return x


def element(n, seed, i):
    """The element in place `i` of the permutation of `range(n)`."""
    half = 1
    while 4**half < n:
        half += 1
    while True:
        left, right = divmod(i, 2**half)
        for turn in range(ROUNDS):
            word = threefry(seed, (turn << 16 | right, STREAM))[1]
            left, right = right, left ^ word % 2**half
        i = left << half | right
        if i < n:
            return i


def permutation(n, seed):
    """The order of `range(n)` under this seed."""
    return [element(n, seed, i) for i in range(n)]


def table():
    yield "# made by permutation.py"
    yield "# place,element"
    for n, seed in SETS + LARGE:
        yield f"set n={n} seed={seed}"
        places = range(n) if n <= 100 else [i * (n // 50) for i in range(50)] + [n - 1]
        yield from (f"{i},{element(n, seed, i)}" for i in places)


if __name__ == "__main__":
    write_or_check(TABLE, table())
