//! Has the crate built anew when a rule file comes or goes: `include_dir` sees changes of files it
//! knows, not new ones.

fn main() {
    println!("cargo::rerun-if-changed=rules");
}
