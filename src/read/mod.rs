//! Finds files and opens them: folders, packed files, and files of many records.

pub mod archive;
pub mod arrivals;
pub mod first_look;
pub mod raw_folder;
mod remote_walk;
pub mod site_map;
pub mod walk;

use std::sync::Arc;

use crate::settings::ReadingSettings;
use archive::Bounds;
use archive::jsonl::FieldNames;
use site_map::SiteMap;

/// How files are opened.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// The fields of JSON lines that are read.
    pub fields: FieldNames,
    /// What a record may take.
    pub bounds: Bounds,
    /// The URLs of pages, where somebody has written them down.
    pub site_map: Option<Arc<SiteMap>>,
    /// Whether the columns of a row go on as the fields of a line of JSON do.
    pub passes_json: bool,
    /// Whether they go on with their types.
    pub passes_columns: bool,
}

impl ReadOptions {
    /// How these settings say that files of many pages are opened.
    pub fn of(settings: &ReadingSettings) -> ReadOptions {
        let (names, bounds) = (FieldNames::default(), Bounds::default());
        ReadOptions {
            fields: FieldNames {
                text: settings.text_field.clone().unwrap_or(names.text),
                id: settings.id_field.clone().unwrap_or(names.id),
                url: settings.url_field.clone().unwrap_or(names.url),
            },
            bounds: Bounds {
                record: settings.max_record.unwrap_or(bounds.record),
                ratio: settings.max_ratio.unwrap_or(bounds.ratio),
            },
            site_map: None,
            passes_json: false,
            passes_columns: false,
        }
    }
}
