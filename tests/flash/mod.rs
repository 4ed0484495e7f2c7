//! The flash that a program takes, read from its ELF file.

use std::fs;
use std::path::Path;

use object::{Object, ObjectSection, SectionFlags, elf};

/// A program built in another folder may differ by so many bytes: the names of its symbols contain
/// a hash of the path, the linker sorts by name, and functions are aligned.
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
