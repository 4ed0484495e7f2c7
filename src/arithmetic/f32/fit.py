"""Fits the tables of coefficients in this folder: the polynomials with the smallest largest
error, by Remez' exchange algorithm.

    python3 -m venv venv && venv/bin/pip install mpmath==1.3.0
    venv/bin/python src/arithmetic/f32/fit.py            # prints them as Rust
    venv/bin/python src/arithmetic/f32/fit.py --check    # fails if a table in this folder differs
    venv/bin/python src/arithmetic/f32/fit.py --write    # writes the tables to their files
"""

import pathlib
import re
import sys

from mpmath import (
    cos,
    expm1,
    linspace,
    log,
    log1p,
    lu_solve,
    matrix,
    mp,
    mpf,
    nint,
    nstr,
    pi,
    polyval,
    sin,
    sqrt,
)

mp.prec = 200
LN_2 = log(2)
# In place of 0, where the functions below are 0/0.
NEAR_0 = mpf("1e-6")


def remez(function, weight, start, end, degree):
    """The polynomial p, lowest power first, that minimises the largest |weight · (p -
    function)|, to a thousandth of it.

    At degree + 2 points the error is of one size and changes its sign from each to the next: a
    linear system. The points move to the extremes of the error until no extreme is larger than
    the others."""
    count = degree + 2

    def chebyshev(n):
        return [(start + end) / 2 - (end - start) / 2 * cos(angle) for angle in linspace(0, pi, n)]

    samples = [(x, function(x), weight(x)) for x in chebyshev(60 * count + 1)]
    points = chebyshev(count)
    while True:
        rows = [
            [x**k for k in range(degree + 1)] + [(-1) ** i / weight(x)]
            for i, x in enumerate(points)
        ]
        *polynomial, size = lu_solve(matrix(rows), matrix([function(x) for x in points]))
        extremes = []
        for x, y, w in samples:
            error = w * (polyval(polynomial[::-1], x) - y)
            if not extremes or (error > 0) != (extremes[-1][0] > 0):
                extremes.append((error, x))
            elif abs(error) > abs(extremes[-1][0]):
                extremes[-1] = (error, x)
        while len(extremes) > count:
            extremes.pop(0 if abs(extremes[0][0]) < abs(extremes[-1][0]) else -1)
        if max(abs(error) for error, _ in extremes) < 1.001 * abs(size):
            return polynomial
        points = [x for _, x in extremes]


def rounded(coefficients, bits):
    """In units of 2^-bits; without the signs, which alternate or are all positive."""
    return [abs(int(nint(c * mpf(2) ** bits))) for c in coefficients]


def bits_of_error(approximation, exact, end, start=0):
    """The largest relative error is 2 to the power of this."""
    points = [start + (end - start) * k / 2000 for k in range(1, 2001)]
    return nstr(log(max(abs(approximation(x) / exact(x) - 1) for x in points), 2), 4)


def sin_squared():
    """sin²(π/2·√w) / w for w = u²/4 up to 1/4: its relative error, which is that of sin²(π/4·u),
    is minimised."""

    def exact(w):
        return (sin(pi / 2 * sqrt(w))) ** 2 / w

    table = rounded(remez(exact, lambda w: 1 / exact(w), mpf("1e-30"), mpf(1) / 4, 4), 30)
    terms = [mpf(c) * (-1) ** k / 2**30 for k, c in enumerate(table)]
    return table, bits_of_error(lambda w: polyval(terms[::-1], w), exact, mpf(1) / 4)


def exp2():
    """(1 - 2^-f) / f for f up to 1. The constant term is ln 2, so that 1 - 2^-f is accurate where
    f is small; of the others, ln 2 - f·p, the relative error of 2^-f is minimised, in which that
    of p has the weight f²·2^f."""

    def others(f):
        return (LN_2 + expm1(-f * LN_2) / f) / f

    table = rounded([LN_2, *remez(others, lambda f: f * f * 2**f, NEAR_0, mpf(1), 4)], 32)
    terms = [mpf(c) * (-1) ** k / 2**32 for k, c in enumerate(table)]
    return table, bits_of_error(lambda f: 1 - f * polyval(terms[::-1], f), lambda f: 2**-f, mpf(1))


def log2():
    """-log2(1 - p) / p for p up to 1/5. The constant term is log2(e), so that a small p is
    accurate; with p times the others, the relative error of the whole is minimised."""

    def exact(p):
        return -log1p(-p) / p / LN_2

    def others(p):
        return (exact(p) - 1 / LN_2) / p

    table = rounded([1 / LN_2, *remez(others, lambda p: p / exact(p), NEAR_0, mpf(1) / 5, 6)], 31)
    terms = [mpf(c) / 2**31 for c in table]
    return table, bits_of_error(lambda p: polyval(terms[::-1], p), exact, mpf(1) / 5)


def ln_1p():
    """ln(1 + a) / a for a up to 1: 1, so that a small a is accurate, and a times the polynomial.
    The relative error of the whole is minimised."""

    def exact(a):
        return log1p(a) / a

    def others(a):
        return (1 - exact(a)) / a

    table = rounded(remez(others, lambda a: a / exact(a), NEAR_0, mpf(1), 8), 32)
    terms = [mpf(c) * (-1) ** k / 2**32 for k, c in enumerate(table)]
    return table, bits_of_error(lambda a: 1 - a * polyval(terms[::-1], a), exact, mpf(1))


def inverse_root():
    """1/√x for x from 1/4 to 1: its relative error is minimised."""

    def exact(x):
        return 1 / sqrt(x)

    table = rounded(remez(exact, lambda x: 1 / exact(x), mpf(1) / 4, mpf(1), 4), 28)
    terms = [mpf(c) * (-1) ** k / 2**28 for k, c in enumerate(table)]
    return table, bits_of_error(lambda x: polyval(terms[::-1], x), exact, mpf(1), mpf(1) / 4)


def constants():
    """Name, type, values and, of a polynomial, the error."""
    edges = [mpf(8) / k for k in (5, 6, 7, 8)]
    return [
        ("SIN_SQUARED", "[u32; 5]", *sin_squared()),
        ("EXP2", "[u32; 6]", *exp2()),
        ("LOG2", "[u32; 8]", *log2()),
        ("LN_1P", "[u32; 9]", *ln_1p()),
        ("INVERSE_ROOT", "[u32; 5]", *inverse_root()),
        ("EDGE_RECIPROCAL", "[u32; 4]", rounded(edges, 31), None),
        ("EDGE_LOG2", "[u32; 4]", rounded([log(edge, 2) for edge in edges], 32), None),
        ("LOG2_E", "u32", rounded([1 / LN_2], 31), None),
    ]


def literal(value, kind):
    if not value:
        return "0"
    digits = f"{value:0{16 if 'u64' in kind else 8}x}"
    return "0x" + "_".join(digits[i : i + 4] for i in range(0, len(digits), 4))


def rust():
    for name, kind, values, error in constants():
        text = ", ".join(literal(value, kind) for value in values)
        remark = f" // 2^{error}" if error else ""
        yield f"const {name}: {kind} = {f'[{text}]' if '[' in kind else text};{remark}"


def written():
    """Name, type and values, from the files."""
    source = "".join(path.read_text() for path in pathlib.Path(__file__).parent.glob("*.rs"))
    for name, kind, values in re.findall(
        r"const (\w+): ([^=\n]+?)\s*=\s*([0-9a-fx_,\s\[\]]+);", source
    ):
        yield name, kind, [int(value, 0) for value in re.findall(r"\w+", values)]


if "--check" in sys.argv:
    present = list(written())
    different = [
        name for name, kind, values, _ in constants() if (name, kind, values) not in present
    ]
    print("different: " + ", ".join(different) if different else "the same")
    sys.exit(bool(different))
if "--write" in sys.argv:
    for path in pathlib.Path(__file__).parent.glob("*.rs"):
        text = path.read_text()
        for line in rust():
            head = line[: line.index(" = ")]
            text = re.sub(rf"{re.escape(head)}\s*=[^;]+;", line.split(" //")[0], text)
        path.write_text(text)
    sys.exit()
print(*rust(), sep="\n")
