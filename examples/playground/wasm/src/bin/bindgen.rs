//! Writes the JavaScript of the WebAssembly module into `pkg/`, as the command `wasm-bindgen` does.
//! A crate of the same version does it, so there is nothing to install.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    Ok(wasm_bindgen_cli_support::Bindgen::new()
        .input_path("target/wasm32-unknown-unknown/release/microlr_playground.wasm")
        .web(true)?
        .omit_default_module_path(false)
        .remove_name_section(true)
        .typescript(true)
        .generate("pkg")?)
}
