#!/usr/bin/env bash
# One word for each check; without a word, all of them in this order.
#
#   ./ci.sh            every check
#   ./ci.sh clippy doc only these
set -euo pipefail
cd "$(dirname "$0")"

checks=(fmt clippy features test doc thumb msrv firmware quickstart gallery package coefficients accuracy cortex-m host)
targets=(thumbv6m-none-eabi thumbv7m-none-eabi thumbv7em-none-eabihf thumbv8m.main-none-eabihf)
feature_sets=("" "--features defmt" "--features lean" "--all-features")

check_fmt() { cargo fmt --check; }

check_clippy() { cargo clippy --all-targets --all-features -- --deny warnings; }

# Each feature alone, none, and all together.
check_features() {
    local features
    for features in "${feature_sets[@]}"; do
        # shellcheck disable=SC2086 # the words of $features are arguments
        RUSTFLAGS="--deny warnings" cargo check --all-targets --target-dir target/deny $features
    done
}

# Both builds of the library: libm's functions, and those of `lean`.
check_test() {
    cargo test
    cargo test --all-features
}

check_doc() { RUSTDOCFLAGS="--deny warnings" cargo doc --no-deps --all-features; }

# The library for the chips.
check_thumb() {
    local target features
    for target in "${targets[@]}"; do
        for features in "${feature_sets[@]}"; do
            # shellcheck disable=SC2086
            cargo build --release --lib --target "$target" $features
        done
    done
}

# The library with the oldest compiler that Cargo.toml promises.
check_msrv() {
    local version
    version=$(sed -n 's/^rust-version = "\([^"]*\)".*/\1/p' Cargo.toml)
    cargo "+$version" check --lib --all-features --target-dir target/msrv
}

# The firmware is tidy as well, for every core; what it does is tests/qemu.rs' business.
check_firmware() (
    cd examples/qemu
    unset RUSTUP_TOOLCHAIN
    cargo fmt --check
    for target in "${targets[@]}"; do
        cargo clippy --release --bins --target "$target" -- --deny warnings
        cargo clippy --release --bins --target "$target" --features lean -- --deny warnings
    done
)

# The table fits on 80 columns.
check_quickstart() {
    cargo run --quiet --example quickstart >target/quickstart.txt
    # A bar of the sparklines is three bytes, of which the second and the third are not counted.
    LC_ALL=C tr -d '\200-\277' <target/quickstart.txt |
        LC_ALL=C awk 'length > 80 { print "wider than 80 columns: " $0; wide = 1 } END { exit wide }'
}

# The committed overview is the one that the example draws.
check_gallery() {
    cargo run --quiet --example gallery target/gallery
    cmp target/gallery/schedules.svg docs/schedules.svg
}

check_package() { cargo package; }

# The tables in src/fixed.rs and src/fixed/odds.rs are those that the fit gives.
check_coefficients() {
    [ -x target/venv/bin/python ] || python3 -m venv target/venv
    target/venv/bin/pip install --quiet --disable-pip-version-check "$(sed -n 's/.*pip install \(mpmath==[0-9.]*\).*/\1/p' src/fixed.py)"
    target/venv/bin/python src/fixed.py --check
}

# A package of benches: tidy, and no figure of ours worse than in its table.
bench() (
    cd "benches/$1"
    cargo fmt --check
    cargo clippy --all-targets -- --deny warnings
    shift
    cargo run --quiet --release "$@"
)

check_accuracy() {
    bench accuracy -- --quick --check ../../docs/accuracy.md
    bench accuracy --features lean -- --quick --check ../../docs/accuracy.md
}

check_cortex-m() { bench cortex-m -- --check ../../docs/cortex-m.md; }

check_host() { bench host -- --check ../../docs/host.md; }

for check in "${@:-${checks[@]}}"; do
    declare -F "check_$check" >/dev/null || { echo "no such check: $check (${checks[*]})" >&2; exit 2; }
    echo "== $check"
    "check_$check"
done
