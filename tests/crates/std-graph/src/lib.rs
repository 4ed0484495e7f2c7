//! With num-traits' feature `std`, its `Float` calls the platform's C library. microlr's `Float`
//! does not: its functions return libm's bits.

#![cfg(test)]

use std::fmt::Debug;

use microlr::Float;

/// The functions of microlr's `Float`, reached as a generic schedule reaches them.
fn ours<F: Float>(x: F, y: F) -> [F; 6] {
    [x.exp(), x.abs().ln(), x.abs().powf(y), x.abs().sqrt(), x.sin(), x.cos()]
}

/// The functions of num-traits' `Float`, reached the same way.
fn theirs<F: num_traits::Float>(x: F, y: F) -> [F; 6] {
    [x.exp(), x.abs().ln(), x.abs().powf(y), x.abs().sqrt(), x.sin(), x.cos()]
}

/// Compares `ours` with libm's functions, and expects that `theirs` differ somewhere.
fn compare<F: Float + num_traits::Float + Debug>(from: fn(f64) -> F, libm: fn(F, F) -> [F; 6]) {
    let mut differ = 0;
    for index in 0..20_000 {
        let [x, y] =
            [f64::from(index) * 0.00123 - 12.3, f64::from(index % 37) * 0.31 - 5.0].map(from);
        assert_eq!(ours(x, y), libm(x, y), "x = {x:?}, y = {y:?}");
        differ += usize::from(theirs(x, y) != libm(x, y));
    }
    println!("the platform's functions differ from libm's at {differ} of 20000 arguments");
    assert!(differ > 0, "num-traits does not call the platform, so this test cannot fail");
}

#[test]
fn f32_is_libm() {
    compare::<f32>(
        |x| x as f32,
        |x, y| {
            let size = x.abs();
            [
                libm::expf(x),
                libm::logf(size),
                libm::powf(size, y),
                libm::sqrtf(size),
                libm::sinf(x),
                libm::cosf(x),
            ]
        },
    );
}

#[test]
fn f64_is_libm() {
    compare::<f64>(
        |x| x,
        |x, y| {
            let size = x.abs();
            [
                libm::exp(x),
                libm::log(size),
                libm::pow(size, y),
                libm::sqrt(size),
                libm::sin(x),
                libm::cos(x),
            ]
        },
    );
}
