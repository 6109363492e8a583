//! Parquet in and out: rows are pages, columns go on with their types, and what is wrong with a file is told.
#![cfg(feature = "parquet")]

mod program;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use arrow_array::builder::{Int64Builder, ListBuilder, MapBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, UInt64Type};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Decimal128Array, DictionaryArray, FixedSizeBinaryArray, Float64Array,
    Int32Array, Int64Array, LargeStringArray, RecordBatch, StringArray, StructArray, TimestampMicrosecondArray,
};
use arrow_schema::{DataType, Field};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use program::{Scratch, dechaff, files};
use serde_json::Value;

fn page(number: usize) -> String {
    format!(
        "Home\nNews\nHarbour\nLog in\n\nFerry number {number} leaves at nine\n\n\
         The ferry to island number {number} left at nine sharp on Monday, a full three minutes after the last passenger \
         had taken her seat and the gulls had lost interest in the whole affair.\n\n\
         Captain Moss of ferry {number} said that he had waited for the “post”, which came by bicycle and was wet.\n\n\
         Share this\nNo comments:\n"
    )
}

fn url(number: usize) -> String {
    format!("https://www.harbourpost.example/ferries/{number}")
}

fn strings(values: impl IntoIterator<Item = String>) -> ArrayRef {
    Arc::new(values.into_iter().map(Some).collect::<StringArray>())
}

/// Rows as crawls have them: an id, a text, a URL.
fn pages(count: usize) -> RecordBatch {
    RecordBatch::try_from_iter([
        ("id", strings((0..count).map(|number| format!("ferry-{number}")))),
        ("text", strings((0..count).map(page))),
        ("url", strings((0..count).map(url))),
    ])
    .unwrap()
}

/// Rows of these texts, with ids.
fn named(texts: ArrayRef) -> RecordBatch {
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(0..texts.len() as i64));
    RecordBatch::try_from_iter([("id", ids), ("text", texts)]).unwrap()
}

/// A file of these rows, so many in a row group.
fn file_of(batch: &RecordBatch, compression: Compression, group: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let properties =
        WriterProperties::builder().set_compression(compression).set_max_row_group_row_count(Some(group)).build();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    bytes
}

fn file(batch: &RecordBatch) -> Vec<u8> {
    file_of(batch, Compression::SNAPPY, 1000)
}

/// All rows of a file.
fn rows_of(path: &Path) -> RecordBatch {
    let reader = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(path).unwrap()).unwrap();
    let schema = Arc::clone(reader.schema());
    let batches: Vec<_> = reader.build().unwrap().map(Result::unwrap).collect();
    let columns = (0..schema.fields().len()).map(|column| {
        let parts: Vec<&dyn Array> = batches.iter().map(|batch| &**batch.column(column)).collect();
        match parts.as_slice() {
            [] => arrow_array::new_empty_array(schema.field(column).data_type()),
            [one] => one.slice(0, one.len()),
            _ => panic!("a test's shard fits into one batch"),
        }
    });
    RecordBatch::try_new(Arc::clone(&schema), columns.collect()).unwrap()
}

fn texts(batch: &RecordBatch) -> Vec<String> {
    let column = batch.column_by_name("text").unwrap();
    column.as_string::<i32>().iter().map(|text| text.unwrap().to_string()).collect()
}

/// Rows with columns of all kinds beside the page.
fn all_kinds() -> RecordBatch {
    let mut tags = ListBuilder::new(StringBuilder::new());
    tags.append_value([Some("sea"), None, Some("a text that is longer than a view holds in itself")]);
    tags.append_null();
    tags.append_value(Vec::<Option<&str>>::new());
    let mut scores = MapBuilder::new(None, StringBuilder::new(), Int64Builder::new());
    for (name, value) in [("one", Some(1)), ("none", None)] {
        scores.keys().append_value(name);
        scores.values().append_option(value);
    }
    scores.append(true).unwrap();
    scores.append(false).unwrap();
    scores.append(true).unwrap();
    let nested = StructArray::from(vec![
        (
            Arc::new(Field::new("depth", DataType::Int32, true)),
            Arc::new(Int32Array::from(vec![Some(1), None, Some(-3)])) as ArrayRef,
        ),
        (
            Arc::new(Field::new("lang", DataType::LargeUtf8, true)),
            Arc::new(LargeStringArray::from(vec![Some("en"), Some(""), None])) as ArrayRef,
        ),
    ]);
    let kinds: DictionaryArray<Int32Type> = vec![Some("news"), Some("news"), None].into_iter().collect();
    let ids = FixedSizeBinaryArray::try_from_iter([[1_u8; 16], [0; 16], [255; 16]].into_iter()).unwrap();
    let fetched =
        TimestampMicrosecondArray::from(vec![Some(1_709_283_600_000_001), None, Some(-1)]).with_timezone("Europe/Riga");
    let price = Decimal128Array::from(vec![Some(12_345_678_901_234_567_890), Some(-1), None]);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(Int64Array::from(vec![7, 8, 9]))),
        ("tags", Arc::new(tags.finish())),
        ("text", strings((0..3).map(page))),
        ("scores", Arc::new(scores.finish())),
        ("nested", Arc::new(nested)),
        ("kind", Arc::new(kinds)),
        ("uuid", Arc::new(ids)),
        ("fetched", Arc::new(fetched)),
        ("price", Arc::new(price.with_precision_and_scale(28, 4).unwrap())),
        ("score", Arc::new(Float64Array::from(vec![Some(-0.0), Some(f64::NAN), None]))),
        ("raw", Arc::new(BinaryArray::from(vec![Some(&b"\x00\xFF"[..]), Some(b""), None]))),
        ("seen", Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)]))),
        ("url", strings((0..3).map(url))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| {
        let is_nullable = column.null_count() > 0;
        (name, column, is_nullable)
    }))
    .unwrap()
}

#[test]
fn a_row_is_a_page_however_the_file_is_packed_and_named() {
    let alone = Scratch::new();
    for number in 0..9 {
        alone.page(&format!("www.harbourpost.example/{number}.txt"), page(number));
    }
    alone.expect(0, &[]);
    let batch = pages(9);
    let codecs = [
        ("none.parquet", Compression::UNCOMPRESSED),
        ("data/train-00000-of-00005.parquet", Compression::SNAPPY),
        ("default/train/0000.parquet", Compression::ZSTD(ZstdLevel::default())),
        ("gzip.PARQUET", Compression::GZIP(Default::default())),
        ("lz4.parquet", Compression::LZ4_RAW),
        ("hadoop.parquet", Compression::LZ4),
        ("part-00000", Compression::BROTLI(Default::default())),
    ];
    for (name, codec) in codecs {
        let scratch = Scratch::new();
        scratch.page(name, file_of(&batch, codec, 4));
        scratch.expect(0, &["--strict"]);
        for number in 0..9 {
            let of_file = alone.cleaned(&format!("www.harbourpost.example/{number}.txt"));
            assert_eq!(scratch.cleaned(&format!("{name}/ferry-{number}.txt")), of_file, "{name}");
            let row = scratch.row(&format!("{name}#{}", number + 1));
            assert_eq!(
                (row["url"].as_str(), row["site"].as_str()),
                (Some(&*url(number)), Some("www.harbourpost.example"))
            );
        }
        let page = format!("{}#{}", scratch.raw.join(name).display(), 7);
        let explained = dechaff().arg("explain").arg(page).output().unwrap();
        let explained = String::from_utf8_lossy(&explained.stdout).into_owned();
        assert!(explained.contains("island number 6"), "{explained}");
    }
}

#[test]
fn a_file_within_another_or_a_stream_is_held_in_memory_as_far_as_a_record() {
    let scratch = Scratch::new();
    let bytes = file(&pages(3));
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("inner/a.parquet", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(&bytes).unwrap();
    scratch.page("packed.zip", zip.finish().unwrap().into_inner());
    scratch.page("b.parquet.zst", zstd::encode_all(&*bytes, 3).unwrap());
    scratch.expect(0, &["--strict"]);
    assert_eq!(scratch.cleaned("packed.zip/inner/a.parquet/ferry-2.txt"), scratch.cleaned("b.parquet.zst/ferry-2.txt"));

    let mut stream = dechaff().arg("--jsonl").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    stream.stdin.take().unwrap().write_all(&bytes).unwrap();
    let lines = String::from_utf8(stream.wait_with_output().unwrap().stdout).unwrap();
    let line: Value = serde_json::from_str(lines.lines().nth(2).unwrap()).unwrap();
    assert_eq!(
        (line["id"].as_str(), line["text"].as_str()),
        (Some("ferry-2"), Some(&*scratch.cleaned("b.parquet.zst/ferry-2.txt")))
    );

    let said = scratch.expect(1, &["--max-record", "1K", "--force"]);
    let why = scratch.row("b.parquet.zst#1")["reason"].as_str().unwrap().to_string();
    assert!(why.contains("--max-record"), "{why}: {said}");
}

#[test]
fn columns_pass_through_into_parquet_with_their_types() {
    let scratch = Scratch::new();
    let batch = all_kinds();
    scratch.page("a.parquet", file_of(&batch, Compression::SNAPPY, 2));
    scratch.expect(0, &["--strict", "--output", "parquet"]);
    let written = rows_of(&scratch.clean.join("part-00000.parquet"));
    assert_eq!(written.num_rows(), 3);
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        let found = written.schema();
        let found = found.field_with_name(field.name()).unwrap();
        assert_eq!((found.data_type(), found.is_nullable()), (field.data_type(), field.is_nullable()), "{field}");
        if field.name() == "kind" {
            let texts = |column: &ArrayRef| -> Vec<Option<String>> {
                let column = column.as_dictionary::<Int32Type>().downcast_dict::<StringArray>().unwrap();
                column.into_iter().map(|text| text.map(str::to_string)).collect()
            };
            assert_eq!(texts(written.column_by_name("kind").unwrap()), texts(column));
        } else if field.name() != "text" {
            let bits = |column: &ArrayRef| {
                column
                    .as_primitive_opt::<arrow_array::types::Float64Type>()
                    .map(|floats| floats.iter().map(|float| float.map(f64::to_bits)).collect::<Vec<_>>())
            };
            assert_eq!(bits(written.column_by_name(field.name()).unwrap()), bits(column));
            if field.name() != "score" {
                assert_eq!(written.column_by_name(field.name()).unwrap(), column, "{field}");
            }
        }
    }
    assert!(texts(&written)[1].contains("island number 1") && !texts(&written)[1].contains("Log in"));
    let names: Vec<_> =
        written.schema().fields().iter().skip(batch.num_columns()).map(|field| field.name().clone()).collect();
    assert_eq!(names, ["source", "site", "language", "status"]);
}

#[test]
fn columns_pass_through_into_json_lines() {
    let scratch = Scratch::new();
    scratch.page("a.parquet", file(&all_kinds()));
    scratch.expect(0, &["--strict", "--output", "jsonl"]);
    let lines = zstd::decode_all(fs::File::open(scratch.clean.join("part-00000.jsonl.zst")).unwrap()).unwrap();
    let lines: Vec<Value> =
        String::from_utf8(lines).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let first = &lines[0];
    assert_eq!(first["id"], 7);
    assert_eq!(first["tags"][1], Value::Null);
    assert_eq!(first["nested"], serde_json::json!({"depth": 1, "lang": "en"}));
    assert_eq!(first["scores"], serde_json::json!({"one": 1, "none": null}));
    assert_eq!(first["kind"], "news");
    assert_eq!(first["raw"], "00ff");
    assert_eq!(first["fetched"], "2024-03-01T09:00:00.000001Z");
    assert_eq!(lines[1]["score"], Value::Null);
    assert!(first["text"].as_str().unwrap().contains("island number 0"));
    let names: Vec<_> = first.as_object().unwrap().keys().collect();
    assert_eq!(names.len(), 15, "{names:?}");
}

#[test]
fn a_second_run_is_a_run_from_nothing() {
    let scratch = Scratch::new();
    scratch.page("a.parquet", file_of(&all_kinds(), Compression::SNAPPY, 2));
    scratch.page("b/c.jsonl", format!("{}\n", serde_json::json!({"id": "x", "n": 1, "text": page(20)})));
    scratch.page("d.parquet", file_of(&pages(40), Compression::SNAPPY, 7));
    scratch.page("e.parquet", file(&all_kinds()));
    scratch.page("www.harbourpost.example/f.txt", page(30));
    let options = ["--strict", "--output", "parquet", "--shard-size", "4K"];
    scratch.expect(0, &options);
    let first = files(&scratch.clean);
    assert!(first.len() > 6, "several shards");
    // The same again, by another number of threads.
    scratch.expect(0, &[&options[..], &["--threads", "1"]].concat());
    assert_eq!(files(&scratch.clean), first);
    let anew = |pages: &BTreeMap<&str, Vec<u8>>| {
        for (name, bytes) in pages {
            scratch.page(name, bytes);
        }
        scratch.expect(0, &options);
        let again = files(&scratch.clean);
        fs::remove_dir_all(&scratch.clean).unwrap();
        scratch.expect(0, &options);
        assert_eq!(again, files(&scratch.clean));
        again
    };
    // Pages of one of the files change, and those of the others are copied.
    let changed = anew(&BTreeMap::from([(
        "b/c.jsonl",
        format!("{}\n", serde_json::json!({"id": "x", "n": 2, "text": page(21)})).into_bytes(),
    )]));
    assert_ne!(changed, first);
    // A column that is not the page changes.
    let mut columns: Vec<_> = all_kinds().columns().to_vec();
    columns[11] = Arc::new(BooleanArray::from(vec![Some(true), None, Some(true)]));
    let batch = RecordBatch::try_new(all_kinds().schema(), columns).unwrap();
    assert_ne!(anew(&BTreeMap::from([("e.parquet", file(&batch))])), changed);

    for command in [vec!["verify"], vec!["check"], vec!["diff", "--stat"]] {
        let mut run = dechaff();
        run.arg(command[0]);
        if command[0] != "verify" {
            run.arg(&scratch.raw);
        }
        let output = run.arg(&scratch.clean).args(&command[1..]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{command:?}: {said}");
    }
}

#[test]
fn pages_of_other_kinds_have_columns_too() {
    let scratch = Scratch::new();
    scratch.page("www.harbourpost.example/a.txt", page(1));
    scratch.page("b.jsonl", format!("{}\n", serde_json::json!({"id": "x", "n": [1, {"m": 2}], "text": page(2)})));
    scratch.expect(0, &["--strict", "--output", "parquet", "--tag"]);
    let one = rows_of(&scratch.clean.join("part-00001.parquet"));
    let names: Vec<_> = one.schema().fields().iter().map(|field| field.name().clone()).collect();
    let own = ["id", "text", "url", "source", "created", "site", "language", "status", "measures", "filters"];
    assert_eq!(names, own);
    let said =
        |batch: &RecordBatch, name: &str| batch.column_by_name(name).unwrap().as_string::<i32>().value(0).to_string();
    assert_eq!((said(&one, "site").as_str(), said(&one, "status").as_str()), ("www.harbourpost.example", "cleaned"));
    let measures: Value = serde_json::from_str(&said(&one, "measures")).unwrap();
    assert!(measures["words"].as_f64().unwrap() > 10.0, "{measures}");
    let other = rows_of(&scratch.clean.join("part-00000.parquet"));
    assert_eq!(said(&other, "fields"), r#"{"id":"x","n":[1,{"m":2}]}"#);
}

#[test]
fn attributes_have_a_line_for_each_row_of_each_shard() {
    let scratch = Scratch::new();
    scratch.page("a.parquet", file_of(&pages(30), Compression::SNAPPY, 7));
    scratch.page("b.parquet", file(&all_kinds()));
    let options = ["--output", "parquet", "--shard-size", "4K", "--tag", "--filter", "length", "--near-copies", "keep"];
    scratch.expect(0, &[&options[..], &["--no-model", "--no-survey"]].concat());
    let to = scratch.home.path().join("attributes");
    let output = dechaff().arg("attributes").arg(&scratch.clean).arg("-o").arg(&to).output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success() && said.starts_with("Attributes of 33 documents in "), "{said}");
    let names = |folder: &Path| -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = entries.filter(|name| name.starts_with("part-")).collect();
        names.sort();
        names
    };
    let shards = names(&scratch.clean);
    assert!(shards.len() > 2, "{shards:?}");
    let of = |shard: &str| shard.replace(".parquet", ".jsonl.zst");
    assert_eq!(names(&to), shards.iter().map(|shard| of(shard)).collect::<Vec<_>>());
    let (mut seen, rows) = (0, scratch.rows());
    for shard in &shards {
        let written = rows_of(&scratch.clean.join(shard));
        let lines = zstd::decode_all(fs::File::open(to.join(of(shard))).unwrap()).unwrap();
        let lines: Vec<Value> =
            String::from_utf8(lines).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), written.num_rows(), "{shard}");
        let ids = written.column_by_name("id").unwrap();
        for (at, (line, text)) in lines.iter().zip(texts(&written)).enumerate() {
            let id = match ids.as_primitive_opt::<arrow_array::types::Int64Type>() {
                Some(numbers) => numbers.value(at).to_string(),
                None => ids.as_string::<i32>().value(at).to_string(),
            };
            assert_eq!(line["id"], id, "{shard}");
            let spans = &line["attributes"]["dechaff__measure__chars"];
            let length = text.trim_end_matches('\n').chars().count();
            assert!((spans[0][1].as_u64().unwrap() as usize).abs_diff(length) <= 1, "{id}: {spans}");
            let copy = &line["attributes"]["dechaff__near_copy"][0][2];
            let name = match id.strip_prefix("ferry-") {
                Some(number) => format!("a.parquet#{}", number.parse::<u64>().unwrap() + 1),
                None => format!("b.parquet#{}", id.parse::<u64>().unwrap() - 6),
            };
            let row = &rows[&name];
            assert_eq!(copy.as_f64(), row["near_copy_of"]["jaccard"].as_f64(), "{id}");
            seen += 1;
        }
    }
    assert_eq!(seen, 33);
    assert!(rows.values().any(|row| row["near_copy_of"].is_object()), "pages of ferries are near copies");
}

#[test]
fn passages_that_many_rows_have_go_from_all_of_them() {
    let notice =
        "This notice was sent to every paper along the coast by the harbour office, which answers no letters about it.";
    let text = |number: usize| {
        let own = format!(
            "Ferry number {number} left at nine, and all {number} gulls of the quay went along to see where it goes."
        );
        if number < 6 { format!("{own}\n\n{notice}") } else { own }
    };
    let options = ["--output", "parquet", "--repeated-passages", "4", "--no-model", "--no-survey"];
    let cleaned = |threads: &str| {
        let scratch = Scratch::new();
        let rows = named(strings((0..5).map(text)));
        scratch.page("a.parquet", file_of(&rows, Compression::SNAPPY, 2));
        scratch.page("b.parquet", file(&named(strings((5..9).map(text)))));
        let said = scratch.expect(0, &[&options[..], &["--threads", threads]].concat());
        assert!(said.contains("passage"), "{said}");
        scratch
    };
    let scratch = cleaned("1");
    let first = files(&scratch.clean);
    assert_eq!(files(&cleaned("3").clean), first, "any number of threads");
    let written = texts(&rows_of(&scratch.clean.join("part-00000.parquet")));
    assert!(written.iter().all(|text| text.contains("Ferry number") && !text.contains("notice")), "{written:?}");
    let counts = scratch.rows().values().filter(|row| row["dropped"][0]["evidence"]["documents"] == 6).count();
    assert_eq!(counts, 6);
    // One of them goes, and another text comes: the rest is judged anew where its count has changed.
    scratch.page("b.parquet", file(&named(strings((6..9).map(text)))));
    scratch.expect(0, &options);
    let again = files(&scratch.clean);
    assert!(scratch.rows().values().any(|row| row["dropped"][0]["evidence"]["documents"] == 5));
    fs::remove_dir_all(&scratch.clean).unwrap();
    scratch.expect(0, &options);
    assert_eq!(files(&scratch.clean), again, "a second run is a run from nothing");
}

#[test]
fn what_is_wrong_with_a_file_is_told_with_what_to_do() {
    let whole = file_of(&pages(40), Compression::ZSTD(ZstdLevel::default()), 10);
    let mut damaged = whole.clone();
    let middle = damaged.len() / 3;
    damaged[middle..middle + 200].fill(0xA5);
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
    let unknown =
        RecordBatch::try_from_iter([("body", strings([page(1), page(2)])), ("n", Arc::clone(&numbers))]).unwrap();
    let numbered = RecordBatch::try_from_iter([("text", numbers)]).unwrap();
    let nulls: ArrayRef = Arc::new(StringArray::from(vec![Some(page(1)), None]));
    let cases: [(&str, Vec<u8>, &[&str]); 8] = [
        ("cut.parquet", whole[..whole.len() / 2].to_vec(), &["cut short"]),
        (
            "pointer.parquet",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n".to_vec(),
            &["git lfs pull"],
        ),
        ("encrypted.parquet", [b"PARE".as_slice(), &whole[4..]].concat(), &["encrypted"]),
        ("other.parquet", b"This is no Parquet file at all, only its name says so.".to_vec(), &["Parquet is damaged"]),
        ("columns.parquet", file(&unknown), &["`body`", "--text-field"]),
        ("numbers.parquet", file(&numbered), &["Int64", "--text-field"]),
        ("null.parquet", file(&named(nulls)), &["`text` is null"]),
        ("damaged.parquet", damaged, &["row group"]),
    ];
    let scratch = Scratch::new();
    for (name, bytes, _) in &cases {
        scratch.page(name, bytes);
    }
    scratch.page("empty.parquet", file(&pages(0)));
    scratch.expect(1, &[]);
    let rows = scratch.rows();
    for (name, _, expected) in cases {
        let failed = rows.iter().find(|(page, row)| page.starts_with(name) && row["status"] == "failed");
        let why = failed.unwrap_or_else(|| panic!("{name}: {rows:?}")).1["reason"].as_str().unwrap();
        assert!(expected.iter().all(|words| why.contains(words)), "{name}: {why}");
    }
    assert_eq!(scratch.row("empty.parquet")["status"], "blank");
    let read = rows.iter().filter(|(page, row)| page.starts_with("damaged") && row["status"] == "cleaned").count();
    assert_eq!(read, 30, "the other row groups are read");
    assert_eq!(scratch.row("null.parquet#1")["status"], "cleaned");

    let scratch = Scratch::new();
    scratch.page("columns.parquet", file(&unknown));
    scratch.expect(0, &["--strict", "--text-field", "body", "--id-field", "n", "--output", "parquet"]);
    let written = rows_of(&scratch.clean.join("part-00000.parquet"));
    assert!(written.column_by_name("text").is_none() && written.column_by_name("id").is_some());
    assert!(written.column_by_name("body").unwrap().as_string::<i32>().value(1).contains("island number 2"));
}

#[test]
fn html_in_a_column_of_its_own_is_read_in_its_charset() {
    let html = |number: usize| {
        format!(
            "<html><head><meta charset=windows-1250><title>P</title></head><body><p>{}</p></body></html>",
            page(number).replace("“post”", "pošta")
        )
    };
    let html = html(4);
    let (bytes, _, _) = encoding_rs::WINDOWS_1250.encode(&html);
    let column: ArrayRef = Arc::new(BinaryArray::from(vec![&*bytes]));
    let scratch = Scratch::new();
    let sizes: ArrayRef = Arc::new(arrow_array::PrimitiveArray::<UInt64Type>::from(vec![u64::MAX]));
    scratch.page("a.parquet", file(&RecordBatch::try_from_iter([("html", column), ("size", sizes)]).unwrap()));
    scratch.expect(0, &["--strict", "--output", "parquet"]);
    let written = rows_of(&scratch.clean.join("part-00000.parquet"));
    assert!(texts(&written)[0].contains("pošta"), "{:?}", texts(&written));
    assert_eq!(&*bytes, written.column_by_name("html").unwrap().as_binary::<i32>().value(0));
}

#[test]
fn a_long_value_and_a_bomb_are_told_and_the_rest_is_read() {
    let scratch = Scratch::new();
    let long = strings([page(1), "long ".repeat(100_000), page(3)]);
    scratch.page("long.parquet", file(&named(long)));
    let bomb = strings([" ".repeat(8 << 20)]);
    let bytes = file_of(&named(bomb), Compression::ZSTD(ZstdLevel::default()), 9);
    scratch.page("bomb.parquet", bytes);
    scratch.expect(1, &["--max-record", "100K"]);
    let rows = scratch.rows();
    assert!(rows["long.parquet#2"]["reason"].as_str().unwrap().contains("--max-record"));
    assert_eq!(
        (&rows["long.parquet#1"]["status"], &rows["long.parquet#3"]["status"]),
        (&"cleaned".into(), &"cleaned".into())
    );
    assert!(rows["bomb.parquet#1"]["reason"].as_str().unwrap().contains("--max-ratio"), "{rows:?}");
}
