//! Files of Keras, and schedules through JSON and postcard and back.
use microlr::*;
#[test]
fn smoke() {
    let s = ExponentialDecay::new(0.1_f32, 1000, 0.96).staircase();
    let j = serde_json::to_string(&s).unwrap();
    println!("{j}");
    assert_eq!(serde_json::from_str::<ExponentialDecay<f32>>(&j).unwrap(), s);
    println!("{:?}", postcard::to_stdvec(&s).unwrap());
    let a: AnySchedule<f32, 8> =
        PiecewiseConstantDecay::try_from_slices(&[1, 2], &[0.1, 0.2, 0.3]).unwrap().into();
    let j = serde_json::to_string(&a).unwrap();
    println!("{j}");
    assert_eq!(serde_json::from_str::<AnySchedule<f32, 8>>(&j).unwrap(), a);
    println!("{:?}", postcard::to_stdvec(&a).unwrap());
    assert_eq!(
        postcard::from_bytes::<AnySchedule<f32, 8>>(&postcard::to_stdvec(&a).unwrap()).unwrap(),
        a
    );
    let a: AnySchedule<f32, 8> = AnySchedule::Constant(0.1);
    println!("{:?} {}", postcard::to_stdvec(&a).unwrap(), serde_json::to_string(&a).unwrap());
    let t = PolynomialDecay::new(0.0_f32, 10, 0.5).then(10, CosineDecay::new(0.5, 100)).scaled(0.5);
    let j = serde_json::to_string(&t).unwrap();
    println!("{j}");
    assert_eq!(
        serde_json::from_str::<Scaled<Then<PolynomialDecay<f32>, CosineDecay<f32>>, f32>>(&j)
            .unwrap(),
        t
    );
    let p = postcard::to_stdvec(&t).unwrap();
    println!("{p:?}");
    assert_eq!(
        postcard::from_bytes::<Scaled<Then<PolynomialDecay<f32>, CosineDecay<f32>>, f32>>(&p)
            .unwrap(),
        t
    );
    println!("{}", serde_json::from_str::<ExponentialDecay<f32>>(r#"{"config": {"decay_steps": 0, "decay_rate": 0.1, "initial_learning_rate": 1}, "class_name": "ExponentialDecay"}"#).unwrap_err());
}
