#!/usr/bin/env bash
# One word for each check. Without a word, all of them run in this order.
#
#   ./ci.sh            every check
#   ./ci.sh clippy doc only these
#   ./ci.sh refresh    no check: generates every table, picture and expected output anew
set -euo pipefail
cd "$(dirname "$0")"

checks=(fmt lines layers clippy test hostile doc thumb chip-examples digests std-graph x86 msrv
    firmware quickstart gallery playground package coefficients accuracy cortex-m host)
targets=(thumbv6m-none-eabi thumbv7m-none-eabi thumbv7em-none-eabihf thumbv8m.main-none-eabihf)
feature_sets=("" "--features defmt" "--features serde" "--features store" "--all-features")

# Every package of the repository.
run_fmt() {
    local manifest
    for manifest in $(git ls-files '*Cargo.toml'); do
        cargo fmt --check --manifest-path "$manifest"
    done
}

# No line is longer than 100 columns. The library and its benches have a limit of lines.
run_lines() { python3 scripts/lines.py; }

# Imports run one way, and no files import each other in a circle.
run_layers() { python3 scripts/layers.py; }

# Clippy's warnings and the compiler's, whatever features are on.
run_clippy() {
    local features
    for features in "${feature_sets[@]}"; do
        # shellcheck disable=SC2086 # the words of $features are arguments
        cargo clippy --all-targets $features -- --deny warnings
    done
}

run_test() { cargo test; }

# A detector learns from 10^8 samples of faulty sensors.
run_hostile() { cargo test --test hostile -- --ignored; }

# No warning, and no broken relative link in a document, in the package or on the front page.
run_doc() {
    RUSTDOCFLAGS="--deny warnings" cargo doc --no-deps --all-features
    python3 scripts/links.py
}

# The library for the chips.
run_thumb() {
    local features
    for features in "${feature_sets[@]}"; do
        # shellcheck disable=SC2086
        RUSTFLAGS="--deny warnings" cargo build --release --lib ${targets[*]/#/--target } $features
    done
}

# Examples in documents and documentation compile for a chip, except those that print.
run_chip-examples() { python3 scripts/chip_examples.py; }

# The same bits with all features and with none, on a big-endian target and on 32-bit x86.
run_digests() (
    features=$(sed -n '/^\[features\]/,/^\[dep/s|^\([a-z0-9_-]*\) = .*|microlr/\1|p' Cargo.toml)
    cd tests/crates/digests
    plain=$(cargo run --quiet --release)
    for build in --features="${features//$'\n'/,}" \
        --target={s390x-unknown-linux-gnu,i686-unknown-linux-gnu}; do
        cargo run --quiet --release "$build" | diff <(echo "$plain") - ||
            { echo "$build changes a bit" && exit 1; }
        echo "$(wc -l <<<"$plain") digests are the same with $build"
    done
)

# num-traits' feature `std`, turned on by another crate, changes no bit.
run_std-graph() (cd tests/crates/std-graph && cargo test --quiet)

# Without SSE2 the crate refuses to compile, and says why.
run_x86() {
    if cargo check --quiet --lib --target i586-unknown-linux-gnu 2>target/x86.txt; then
        echo "it compiles for x86 without SSE2"
        return 1
    fi
    grep "microlr needs SSE2" target/x86.txt
}

# The oldest compiler that Cargo.toml promises, in a user's crate that gets the newest dependencies.
run_msrv() (
    version=$(sed -n 's/^rust-version = "\([^"]*\)".*/\1/p' Cargo.toml)
    grep --quiet "Rust $version" README.md || { echo "the README names another Rust" && exit 1; }
    cd tests/crates/edition-2021
    rm -f Cargo.lock
    cargo "+$version" check
)

# The firmware has no warnings on any core. tests/qemu.rs checks what it does.
run_firmware() (
    cd examples/qemu
    unset RUSTUP_TOOLCHAIN
    # shellcheck disable=SC2068
    cargo clippy --release --bins ${targets[@]/#/--target=} -- --deny warnings
)

# The table fits on 80 columns, and the README shows what its quick start prints.
run_quickstart() {
    cargo run --quiet --example quickstart >target/quickstart.txt
    # A bar of the sparklines is three bytes, of which the second and the third are not counted.
    LC_ALL=C tr -d '\200-\277' <target/quickstart.txt |
        LC_ALL=C awk 'length > 80 { print "over 80 columns: " $0; wide = 1 } END { exit wide }'
    python3 scripts/quick_start.py
}

# The committed pictures are those that the example draws.
run_gallery() {
    cargo run --quiet --example gallery target/gallery
    local picture
    for picture in docs/*.svg; do cmp "target/gallery/${picture#docs/}" "$picture"; done
}

# The page in the browser: its Rust side without warnings, and its tests in Chromium.
run_playground() (
    cd examples/playground
    if grep '"resolved"' package-lock.json; then
        echo "package-lock.json has an address"
        exit 1
    fi
    unset RUSTUP_TOOLCHAIN
    (
        cd wasm
        cargo clippy --all-targets -- --deny warnings
        cargo clippy --lib --target wasm32-unknown-unknown -- --deny warnings
        cargo test
    )
    npm ci
    npm test
)

run_package() { cargo package --quiet --allow-dirty; }

# The tables in src/arithmetic/f32 are those that the fit gives.
fit() {
    local script=src/arithmetic/f32/fit.py python=target/venv/bin/python
    [ -x $python ] || python3 -m venv target/venv
    $python -m pip install --quiet --disable-pip-version-check \
        "$(grep -om1 'mpmath==[0-9.]*' $script)"
    $python $script "$@"
}
run_coefficients() { fit --check; }

# A package of benches, its features, and its options.
bench() (
    cd "benches/$1"
    # shellcheck disable=SC2086
    cargo run --quiet --release $2 -- "${@:3}"
)
# The benches have no warnings, and no figure of ours is worse than in its table.
check_bench() {
    (cd "benches/$1" && cargo clippy --all-targets ${2:+"$2"} -- --deny warnings)
    bench "$1" "$2" "${@:3}" --check "../../docs/$1.md"
}
run_accuracy() { check_bench accuracy "" --quick; }
run_cortex-m() { check_bench cortex-m ""; }
run_host() { check_bench host --no-default-features; } # burn takes minutes to build

# Everything that is generated. It takes many minutes: the benches measure every point, and burn.
run_refresh() {
    local name
    fit --write
    cargo fmt
    cargo run --quiet --example gallery target/gallery
    cp target/gallery/schedules*.svg docs/
    MICROLR_BLESS=1 MICROLR_REQUIRE_QEMU=1 cargo test --test equivalents --test field --test qemu
    bench accuracy "" --quick --write ../../docs/accuracy.md
    for name in cortex-m host; do bench "$name" "" --write "../../docs/$name.md"; done
}

for word in "${@:-${checks[@]}}"; do
    declare -F "run_$word" >/dev/null ||
        { echo "no such check: $word (${checks[*]} refresh)" >&2 && exit 2; }
    echo "== $word"
    start=$SECONDS
    "run_$word"
    echo "== $word: $((SECONDS - start)) s"
done
