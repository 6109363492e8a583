//! `dechaff init`: a commented `dechaff.toml` to start from, with a budget that the corpus itself proposes.

use std::io::{self, Write};
use std::path::Path;

use crate::run::check::{self, CheckOptions};
use crate::write::atomic;

use crate::cli::addresses::is_address_of_a_folder;
use crate::cli::args::{InitArgs, JudgingArgs};
use crate::cli::settings::{self, FILE_NAME};
use crate::cli::{Exit, Misuse, schema, setup};

/// The proposed budget allows what this percentage of pages loses.
const WITHIN_BUDGET_PERCENT: u64 = 99;

/// Writes the file.
pub(super) fn run(args: &InitArgs) -> anyhow::Result<Exit> {
    if settings::stands_in(Path::new("."))? {
        return Err(Misuse(format!("there is a {FILE_NAME} already; edit it, or remove it first")).into());
    }
    let proposed = if args.pages.exists() { proposed_budget(&args.pages)? } else { None };
    let text = file(&args.pages, &args.output, proposed);
    atomic::write(Path::new(FILE_NAME), text.as_bytes())?;
    schema::write_for_settings(Path::new("."))?;
    let raw = args.pages.display();
    // Nobody asks a bucket before there is a run.
    let missing = match args.pages.exists() || is_address_of_a_folder(&args.pages) {
        true => String::new(),
        false => format!("\n{raw} does not exist yet: put the scraped pages there."),
    };
    let said = format!(
        "wrote {FILE_NAME}, and {} for your editor{missing}\nNext: `dechaff clean` cleans the folder, `dechaff check` checks \
         it; both read {FILE_NAME}.\n",
        schema::SETTINGS_FILE
    );
    io::stdout().write_all(said.as_bytes())?;
    Ok(Exit::Done)
}

/// How many of a hundred lines 99 of 100 pages lose at most; `None` where no page was judged.
fn proposed_budget(raw: &Path) -> anyhow::Result<Option<usize>> {
    let judging = JudgingArgs::default();
    let mut look = CheckOptions {
        raw: raw.into(),
        clean: None,
        threads: 0,
        include: setup::globs("--include", &[])?,
        exclude: setup::globs("--exclude", &[])?,
        survey: judging.wants_survey(),
        budget: None,
        runner: setup::reader(&judging)?,
    };
    let losses = check::check(&mut look)?.losses;
    let pages: u64 = losses.iter().sum();
    let mut within = 0;
    Ok(losses.iter().position(|count| {
        within += count;
        pages > 0 && within * 100 >= pages * WITHIN_BUDGET_PERCENT
    }))
}

fn file(raw: &Path, clean: &Path, proposed: Option<usize>) -> String {
    let quoted = |path: &Path| toml::Value::String(path.to_string_lossy().into_owned()).to_string();
    let budget = match proposed {
        Some(percent) => {
            format!("# Of this corpus 99 of 100 pages lose at most {percent} % of their lines.\n# budget = {percent}")
        }
        None => "# budget = 90".into(),
    };
    format!(
        "\
#:schema ./{schema_file}
# The settings of this corpus, for `dechaff clean` and `dechaff check`. The keys are the long options of `dechaff clean`;
# an option that is typed overrides its key. Paths start from this folder.

raw = {raw}
clean = {clean}

# Rules of your own, on top of the built-in ones: site/HOST.toml, general/NAME.toml.
# rules = \"rules\"

# A new page can change the templates of its site, and so the text of its other pages. Where that must not happen, as in
# a build that checks each change, make the templates once and name the file here:
#   dechaff templates scan {shown} -o sites.tally && dechaff templates build sites.tally -o sites.templates
# templates = \"sites.templates\"

# include = [\"**/*.txt\"]
# exclude = [\"drafts/**\"]
# charset = [\"old/**=windows-1250\"]
# off = [\"model\"]
# favor = \"balance\"
# copies = \"keep\"
# near-copies = \"drop\"
# repeated-passages = 20
# threads = 4

[check]
# Report pages that lose more than this percentage of their lines. A quarter of all pages rightly lose more than 60 %.
{budget}

[check.level]
# error fails the check, warn is printed, off is not checked.
# copy = \"off\"
# restored = \"error\"
",
        schema_file = schema::SETTINGS_FILE,
        raw = quoted(raw),
        clean = quoted(clean),
        shown = raw.display(),
    )
}
