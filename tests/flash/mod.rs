//! What a program takes of the flash, read from its ELF file. `tests/qemu.rs` and `benches/cortex-m` have this one text.

use std::fs;
use std::path::Path;

use object::{Object, ObjectSection, SectionFlags, elf};

/// Bytes of flash that a program may have more or less in another folder: its symbols have a hash of the path in
/// their names, the linker sorts by name, and functions are aligned.
pub(crate) const PADDING: u32 = 16;

/// Bytes of flash in an ELF file: code, constants and initial values.
pub(crate) fn flash(elf: &Path) -> Result<u64, String> {
    let image = fs::read(elf).map_err(|error| error.to_string())?;
    let file = object::File::parse(&*image).map_err(|error| error.to_string())?;
    let in_flash = file.sections().filter(|section| {
        let SectionFlags::Elf { sh_flags } = section.flags() else { return false };
        let loaded = sh_flags & u64::from(elf::SHF_ALLOC) != 0;
        loaded && section.kind() != object::SectionKind::UninitializedData
    });
    Ok(in_flash.map(|section| section.size()).sum())
}
