//! From a score to a probability, and from probabilities to the best choice of lines, in integers.

use std::sync::LazyLock;

/// Scores per logit.
pub const UNIT: i32 = 1024;

/// exp(-n/16) in units of 2^-30, for n from 0 to 127.
static POWERS: LazyLock<[u64; 128]> = LazyLock::new(|| {
    // exp(-1/16) in units of 2^-30.
    const STEP: u64 = 1_008_671_414;
    let mut powers = [1 << 30; 128];
    for n in 1..128 {
        powers[n] = (powers[n - 1] * STEP) >> 30;
    }
    powers
});

/// The probability, in thousandths, that a score stands for: 1000 / (1 + exp(-score)).
pub fn permille(score: i32) -> u16 {
    static TABLE: LazyLock<Vec<u16>> = LazyLock::new(|| {
        // A sixteenth of a logit is 64 units; between two of them a straight line.
        (0..8 * UNIT as usize)
            .map(|size| {
                let (step, rest) = (size / 64, (size % 64) as u64);
                let next = POWERS.get(step + 1).copied().unwrap_or(0);
                let power = (POWERS[step] * (64 - rest) + next * rest) / 64;
                (1000 * (1u64 << 30) / ((1 << 30) + power)) as u16
            })
            .collect()
    });
    let size = TABLE.get(score.unsigned_abs() as usize).copied().unwrap_or(1000);
    if score < 0 { 1000 - size } else { size }
}

/// The score that stands for a probability in thousandths: the least, where several do.
pub fn score(permille: u16) -> i32 {
    let (mut least, mut most) = (-8 * UNIT, 8 * UNIT);
    while least < most {
        let middle = least + (most - least) / 2;
        match self::permille(middle) < permille {
            true => least = middle + 1,
            false => most = middle,
        }
    }
    least
}

/// Given how many words stand at each probability (in thousandths), the least probability to keep for
/// the best expected F1, and that F1 in thousandths.
///
/// A line is worth keeping where its probability is above half of the F1 reached (Lewis 1995), so the
/// best choice keeps all lines above one threshold.
pub fn best_expected(mass: &[u64; 1001]) -> (u16, u64) {
    let own: u64 = mass.iter().enumerate().map(|(odds, mass)| odds as u64 * mass).sum();
    let (mut kept, mut both) = (0u64, 0u64);
    let (mut best, mut best_f1) = (1000, 0);
    for odds in (0..=1000usize).rev() {
        kept += mass[odds];
        both += odds as u64 * mass[odds];
        // Divided only where it is more than the best one, which it is nowhere that no words stand at.
        let (part, whole) = (2 * both * 1000, kept * 1000 + own);
        if part >= (best_f1 + 1) * whole && whole > 0 {
            (best, best_f1) = (odds as u16, part / whole);
        }
    }
    (best, best_f1)
}

/// The least probability to keep for this share of the expected own words to stay, in per cent.
pub fn expected_recall(mass: &[u64; 1001], percent: u16) -> u16 {
    let own = |(odds, mass): (usize, &u64)| odds as u64 * mass;
    let all: u64 = mass.iter().enumerate().map(own).sum();
    let mut kept = 0;
    for (odds, words) in mass.iter().enumerate().rev() {
        kept += own((odds, words));
        if kept * 100 >= all * u64::from(percent) {
            return odds as u16;
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probability_is_that_of_its_score() {
        for probability in 0..=1000 {
            assert!(permille(score(probability)).abs_diff(probability) <= 1, "{probability}: {}", score(probability));
        }
        assert!(score(500).abs() < UNIT / 100 && score(731).abs_diff(UNIT) < 20);
    }

    #[test]
    fn scores_become_the_probabilities_of_the_logistic_curve() {
        for (score, probability) in [(0, 500), (1024, 731), (-1024, 269), (2048, 880), (-3072, 47), (9000, 1000)] {
            assert!(permille(score).abs_diff(probability) <= 1, "{score}: {}", permille(score));
        }
        assert!((-9000..9000).all(|score| permille(score) <= permille(score + 1)), "never falls");
    }

    #[test]
    fn the_threshold_of_a_recall_keeps_that_share_of_the_expected_words() {
        let mut mass = [0; 1001];
        (mass[900], mass[300], mass[100]) = (100, 100, 100);
        for (percent, threshold) in [(50, 900), (69, 900), (70, 300), (92, 300), (93, 100), (0, 1000)] {
            assert_eq!(expected_recall(&mass, percent), threshold, "{percent}");
        }
    }

    #[test]
    fn the_best_choice_keeps_what_is_likelier_than_half_the_f1_reached() {
        let mut mass = [0; 1001];
        (mass[900], mass[300], mass[100]) = (100, 100, 100);
        let (threshold, f1) = best_expected(&mass);
        assert_eq!(threshold, 900);
        assert!(u64::from(threshold) * 2 > f1 && 300 * 2 < f1, "{f1}");
    }
}
