//! Trains the identifier of languages on what `languages.py` gathered, and measures it.
//!
//! A text's vector is the mean of those of its groups of letters, a class's score the product with its weights;
//! both are learned together by stochastic gradient descent with the steps of AdaGrad, as fastText does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use dechaff::internals::render::language::features::{self, PLACES};
use dechaff::internals::render::language::language;
use dechaff::internals::render::language::model::{Class, DIMENSIONS, Model, NAT};
use dechaff::internals::render::language::scripts::{NAMES, Script};

use crate::texts::Dice;

/// How many texts are learned from.
const STEPS: usize = 2_500_000;
/// The length of the first step; it shrinks to nothing.
const RATE: f32 = 1.0;
/// The share of groups that are left out at random, so that no single one is relied on.
const LEFT_OUT: f32 = 0.3;
/// How much more often a language is drawn that there is more of.
const BY_SIZE: f32 = 0.4;
/// How many times in a hundred a text is of words by their frequency, where there is a list.
const OF_WORDS: usize = 45;
/// A line in so many decides what is told, and is not learned from.
const ASIDE: usize = 20;
/// A language is told if at least so many characters were learned from, and so much of a hundred of its texts of 200
/// characters that were put aside are taken for it.
const TOLD_FROM: usize = 20_000;
const TOLD_AT: usize = 65;
/// What English scores more, in nats: pages in it are more frequent than pages in its small neighbours by far more than
/// texts are in training.
const ENGLISH: f32 = 1.5;
/// What weights are multiplied by to be integers.
const WEIGHT: f32 = 2048.0;

/// A language in a script, with what there is to learn from.
struct Texts {
    code: String,
    script: Script,
    lines: Vec<String>,
    words: Vec<String>,
    aside: String,
    size: usize,
}

/// Trains and writes the model.
pub fn train(from: &Path, out: &Path) -> Result<()> {
    let mut dice = Dice(88_172_645_463_325_252);
    let texts = gather(from, &mut dice)?;
    let mut network = Network::new(texts.len(), &mut dice);
    network.learn(&texts, &mut dice);
    let mut model = network.quantized(&texts);
    for (class, texts) in texts.iter().enumerate() {
        let (all, right) = pieces(&texts.aside, 200, 60).fold((0, 0), |(all, right), piece| {
            let best = model.likeliest(&piece, texts.script).map(|(class, _)| class.code == texts.code);
            (all + 1, right + usize::from(best == Some(true)))
        });
        model.classes[class].is_told = texts.size >= TOLD_FROM && all > 0 && right * 100 >= all * TOLD_AT;
    }
    let told: BTreeSet<&str> = model.classes.iter().filter(|class| class.is_told).map(|class| &*class.code).collect();
    println!("{} classes, {} languages are told: {told:?}", texts.len(), told.len());
    let data = model.write();
    fs::write(out, &data).with_context(|| format!("cannot write {}", out.display()))
}

fn gather(from: &Path, dice: &mut Dice) -> Result<Vec<Texts>> {
    let mut names: Vec<(usize, String)> = Vec::new();
    for entry in fs::read_dir(from.join("train"))? {
        let name = entry?.file_name().to_string_lossy().trim_end_matches(".txt").to_string();
        let script = name.split_once('-').and_then(|(_, script)| NAMES.iter().position(|known| *known == script));
        names.extend(script.map(|script| (script, name)));
    }
    names.sort();
    let mut all = Vec::new();
    for (script, name) in names {
        let text = fs::read_to_string(from.join("train").join(format!("{name}.txt")))?;
        let (aside, lines): (Vec<_>, Vec<_>) = text.lines().enumerate().partition(|(number, _)| number % ASIDE == 7);
        let lines: Vec<String> = lines.into_iter().map(|(_, line)| line.to_string()).collect();
        let list = fs::read_to_string(from.join("words").join(format!("{name}.tsv"))).unwrap_or_default();
        all.push(Texts {
            code: name[..3].to_string(),
            script: Script(script as u8),
            size: lines.iter().map(String::len).sum(),
            lines,
            words: of_words(&list, dice),
            aside: aside.into_iter().map(|(_, line)| line).collect::<Vec<_>>().join(" "),
        });
    }
    Ok(all)
}

/// Lines of words drawn by the roots of their counts.
fn of_words(list: &str, dice: &mut Dice) -> Vec<String> {
    let mut words = Vec::new();
    let mut sums = Vec::new();
    let mut sum = 0.0;
    for (word, count) in list.lines().filter_map(|line| line.split_once('\t')) {
        sum += count.parse::<f64>().unwrap_or(0.0).sqrt();
        words.push(word);
        sums.push(sum);
    }
    if words.is_empty() {
        return Vec::new();
    }
    let mut word = || words[sums.partition_point(|&before| before < f64::from(unit(dice)) * sum).min(words.len() - 1)];
    (0..6000).map(|_| (0..8).map(|_| word()).collect::<Vec<_>>().join(" ")).collect()
}

fn unit(dice: &mut Dice) -> f32 {
    dice.below(1 << 24) as f32 / (1 << 24) as f32
}

/// The vectors and weights while they are learned.
struct Network {
    vectors: Vec<[f32; DIMENSIONS]>,
    weights: Vec<[f32; DIMENSIONS]>,
    biases: Vec<f32>,
}

impl Network {
    fn new(classes: usize, dice: &mut Dice) -> Network {
        let vectors = (0..PLACES).map(|_| std::array::from_fn(|_| (unit(dice) - 0.5) * 0.2)).collect();
        Network { vectors, weights: vec![[0.0; DIMENSIONS]; classes], biases: vec![0.0; classes] }
    }

    fn learn(&mut self, texts: &[Texts], dice: &mut Dice) {
        let groups: Vec<Vec<usize>> = (0..NAMES.len())
            .map(|script| (0..texts.len()).filter(|&at| usize::from(texts[at].script.0) == script).collect())
            .collect();
        let mut sum = 0.0;
        let sums: Vec<f32> = texts
            .iter()
            .map(|texts| {
                let has_rivals = groups[usize::from(texts.script.0)].len() > 1;
                sum += if has_rivals { (texts.size.min(300_000) as f32).powf(BY_SIZE) } else { 0.0 };
                sum
            })
            .collect();
        let mut seen_of_place = vec![1e-6f32; PLACES];
        let mut seen_of_class = vec![1e-6f32; texts.len()];
        let mut used = Vec::new();
        let mut loss = 0.0;
        for step in 0..STEPS {
            let drawn = unit(dice) * sum;
            let right = sums.partition_point(|&before| before <= drawn).min(texts.len() - 1);
            let text = draw(&texts[right], dice);
            used.clear();
            features::each(&text, texts[right].script, |place| used.push(place));
            used.retain(|_| unit(dice) >= LEFT_OUT);
            if used.is_empty() {
                continue;
            }
            let length = used.len() as f32;
            let mut mean = [0.0; DIMENSIONS];
            for &place in &used {
                mean.iter_mut().zip(&self.vectors[place]).for_each(|(sum, value)| *sum += value);
            }
            mean.iter_mut().for_each(|sum| *sum /= length);
            let group = &groups[usize::from(texts[right].script.0)];
            let shares = self.shares(group, &mean);
            let rate = RATE * (1.0 - step as f32 / STEPS as f32);
            let square = |values: &[f32; DIMENSIONS]| values.iter().map(|x| x * x).sum::<f32>() / DIMENSIONS as f32;
            let size = square(&mean);
            let mut back = [0.0; DIMENSIONS];
            for (&class, share) in group.iter().zip(shares) {
                let error = if class == right { 1.0 - share } else { -share };
                if class == right {
                    loss -= f64::from(share.max(1e-9).ln());
                }
                if error.abs() < 1e-4 {
                    continue;
                }
                seen_of_class[class] += error * error * size;
                let pace = rate / seen_of_class[class].sqrt();
                for ((back, weight), mean) in back.iter_mut().zip(&mut self.weights[class]).zip(mean) {
                    *back += error * *weight;
                    *weight += pace * error * mean;
                }
                self.biases[class] += 0.02 * rate * error;
            }
            let size = square(&back) / (length * length);
            for &place in &used {
                seen_of_place[place] += size;
                let pace = rate / seen_of_place[place].sqrt() / length;
                self.vectors[place].iter_mut().zip(&back).for_each(|(value, back)| *value += pace * back);
            }
            if step % 500_000 == 499_999 {
                println!("{} texts: {:.3} nats", step + 1, loss / 500_000.0);
                loss = 0.0;
            }
        }
    }

    fn shares(&self, group: &[usize], mean: &[f32; DIMENSIONS]) -> Vec<f32> {
        let score = |&class: &usize| {
            self.biases[class] + self.weights[class].iter().zip(mean).map(|(weight, mean)| weight * mean).sum::<f32>()
        };
        let mut shares: Vec<f32> = group.iter().map(score).collect();
        let most = shares.iter().copied().fold(f32::MIN, f32::max);
        shares.iter_mut().for_each(|share| *share = (*share - most).exp());
        let all: f32 = shares.iter().sum();
        shares.iter_mut().for_each(|share| *share /= all);
        shares
    }

    /// The model in integers. One value in two thousand is cut to what eight bits hold.
    fn quantized(&self, texts: &[Texts]) -> Model {
        let mut sizes: Vec<f32> = self.vectors.iter().flatten().map(|value| value.abs()).collect();
        sizes.sort_by(f32::total_cmp);
        let scale = 127.0 / sizes[sizes.len() * 9995 / 10000];
        let vector = |value: &f32| (value * scale).round().clamp(-127.0, 127.0) as i8;
        let prior = |texts: &Texts| if texts.code == "eng" { ENGLISH } else { 0.0 };
        let class = |(at, texts): (usize, &Texts)| Class {
            code: texts.code.clone(),
            script: texts.script,
            is_told: false,
            bias: ((self.biases[at] + prior(texts)) * NAT as f32).round() as i16,
            weights: self.weights[at].map(|weight| (weight * WEIGHT).round().clamp(-32767.0, 32767.0) as i16),
        };
        Model::new(
            texts.iter().enumerate().map(class).collect(),
            (WEIGHT * scale).round() as u32,
            self.vectors.iter().flatten().map(vector).collect(),
        )
    }
}

/// A text of 20 to 250 characters, more often a short one, of lines that stand anywhere.
fn draw(texts: &Texts, dice: &mut Dice) -> String {
    let wanted = 20 + (unit(dice).powi(2) * 230.0) as usize;
    let lines = if !texts.words.is_empty() && dice.below(100) < OF_WORDS { &texts.words } else { &texts.lines };
    let mut text = String::new();
    let mut length = 0;
    while length < wanted {
        let line = &lines[dice.below(lines.len())];
        let all = line.chars().count();
        let start = if all > wanted { dice.below(all - wanted) } else { 0 };
        text.extend(line.chars().skip(start).take(wanted));
        text.push(' ');
        length += all.min(wanted) + 1;
    }
    text
}

/// At most so many pieces of so many characters from all over a text.
fn pieces(text: &str, length: usize, most: usize) -> impl Iterator<Item = String> {
    let chars: Vec<char> = text.chars().collect();
    let step = (chars.len() / length / most).max(1);
    let whole = chars.chunks_exact(length).step_by(step).take(most);
    whole.map(|piece| piece.iter().collect()).collect::<Vec<String>>().into_iter()
}

/// Texts of a split: of a class those that are told have at least 1,500 characters to choose from.
fn samples(from: &Path, split: &str, length: usize) -> Result<Vec<(String, String)>> {
    let mut samples = Vec::new();
    let mut paths: Vec<_> = fs::read_dir(from.join(split))?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        let code = path.file_name().unwrap_or_default().to_string_lossy()[..3].to_string();
        let text = fs::read_to_string(&path)?.replace('\n', " ");
        if text.chars().count() >= 1500 {
            samples.extend(pieces(&text, length, 60).map(|piece| (code.clone(), piece)));
        }
    }
    Ok(samples)
}

/// Prints the F1 of all languages that are told, how many texts are told as none, and how often a text of a language
/// that is not told is taken for one that is; then the most frequent mistakes.
pub fn measure(from: &Path, split: &str) -> Result<()> {
    let told: BTreeSet<&str> =
        Model::get().classes.iter().filter(|class| class.is_told).map(|class| &*class.code).collect();
    for length in [50, 200] {
        let samples = samples(from, split, length)?;
        let start = Instant::now();
        let answers: Vec<Option<String>> =
            samples.iter().map(|(_, text)| language(text).map(|language| language.code.into_owned())).collect();
        let time = start.elapsed();
        let mut counts: BTreeMap<&str, [f64; 3]> = BTreeMap::new();
        let mut mistakes: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        let (mut unknown, mut others, mut others_told) = (0, 0, 0);
        for ((code, _), answer) in samples.iter().zip(&answers) {
            let answer = answer.as_deref();
            if !told.contains(&**code) {
                others += 1;
                others_told += usize::from(answer.is_some());
                continue;
            }
            unknown += usize::from(answer.is_none());
            let right = answer == Some(code);
            counts.entry(code).or_default()[if right { 0 } else { 1 }] += 1.0;
            if !right {
                *mistakes.entry((code, answer.unwrap_or("none"))).or_default() += 1;
                if let Some(answer) = answer {
                    counts.entry(answer).or_default()[2] += 1.0;
                }
            }
        }
        counts.retain(|_, [right, missed, _]| *right + *missed > 0.0);
        let of = |[right, missed, wrong]: &[f64; 3]| 2.0 * right / (2.0 * right + missed + wrong);
        let mean = counts.values().map(of).sum::<f64>() / counts.len() as f64;
        let all = samples.len() - others;
        let bytes: usize = samples.iter().map(|(_, text)| text.len()).sum();
        println!(
            "{split}, {length} characters: F1 {:.1} % of {} languages, {all} texts, {:.1} % told as none; {:.1} % of \
             {others} texts of others told; {:.0} MB/s",
            mean * 100.0,
            counts.len(),
            unknown as f64 * 100.0 / all as f64,
            others_told as f64 * 100.0 / others.max(1) as f64,
            bytes as f64 / time.as_secs_f64() / 1e6
        );
        let mut mistakes: Vec<_> = mistakes.into_iter().collect();
        mistakes.sort_by_key(|mistake| std::cmp::Reverse(mistake.1));
        let shown: Vec<String> =
            mistakes.iter().take(40).map(|((code, answer), times)| format!("{code} as {answer} {times}")).collect();
        println!("    {}", shown.join(", "));
    }
    Ok(())
}

/// Writes the texts of a split with what is told of them, for other detectors to be asked: code, answer, text.
pub fn answers(from: &Path, split: &str, length: usize, out: &Path) -> Result<()> {
    let mut lines = String::new();
    for (code, text) in samples(from, split, length)? {
        let answer = language(&text).map_or("none".into(), |language| language.code);
        lines.push_str(&format!("{code}\t{answer}\t{text}\n"));
    }
    Ok(fs::write(out, lines)?)
}
