use super::*;

#[test]
fn reciprocals_come_from_below_and_fit() {
    for d in [1_u32 << 31, (1 << 31) + 1, 0xffff_8000, u32::MAX, 0xaaaa_aaab, 0x8000_ffff] {
        let exact = 2f64.powi(63) / f64::from(d);
        let error = f64::from(reciprocal(d)) / exact - 1.0;
        assert!(error.abs() <= 2f64.powi(-29), "{d:x}: {error:e}");
    }
}
