//! Whether a line holds a date or a time of day, by its numbers alone: in any language.

use crate::line::script;

/// A number in a line: its digits, their value, and the character behind them.
#[derive(Clone, Copy, Default)]
struct Number {
    digits: u32,
    value: u32,
    after: char,
}

/// Whether a text holds a year (1990 to 2099), a day of two or three numbers (`4.3.24`, `2024-03-04`), a time (`9:12`), or
/// the characters of Chinese and Japanese dates behind a number.
pub fn is_dated(text: &str) -> bool {
    let mut before = [Number::default(); 2];
    let mut number = Number::default();
    // What comes before the first number says nothing.
    let first = text.bytes().position(|byte| byte.is_ascii_digit() || !byte.is_ascii()).unwrap_or(text.len());
    for c in text[first..].chars().chain(std::iter::once('\0')) {
        if let Some(digit) = script::digit(c) {
            number.digits += 1;
            number.value = number.value.saturating_mul(10).saturating_add(digit);
        } else if number.digits > 0 {
            number.after = c;
            if is_date(before, number) {
                return true;
            }
            before = [before[1], number];
            number = Number::default();
        } else if !c.is_whitespace() {
            // What stands between numbers of one date is a single mark.
            before = Default::default();
        }
    }
    false
}

fn is_date([first, second]: [Number; 2], last: Number) -> bool {
    let short = |number: Number| (1..=2).contains(&number.digits);
    let joined = |mark: char| matches!(mark, '.' | '/' | '-' | '\u{2010}' | '\u{2011}' | '\u{2013}');
    let is_year = last.digits == 4 && (1990..2100).contains(&last.value);
    let is_time = short(second) && second.after == ':' && second.value < 24 && last.digits == 2 && last.value < 60;
    let is_day = short(first)
        && short(second)
        && joined(first.after)
        && first.after == second.after
        && (last.digits == 2 || last.digits == 4)
        && first.value <= 31
        && second.value <= 31;
    let is_character = short(last) && matches!(last.after, '月' | '日' | '時' | '时' | '월' | '일' | '시');
    is_year || is_time || is_day || is_character
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_are_known_by_their_numbers() {
        for text in [
            "4 March 2024",
            "04.03.24",
            "2024-03-04",
            "3/4/2024",
            "9:12 Uhr",
            "at 23:59",
            "3月4日",
            "3월 4일",
            "٤ مارس ٢٠٢٤",
            "Posted 2 hours ago, 2023",
        ] {
            assert!(is_dated(text), "{text}");
        }
        for text in
            ["12 eggs", "Room 1604", "2 – 0", "1.5 kg", "10:7", "version 2.10.3.1", "+49 30 1234567", "", "100:20"]
        {
            assert!(!is_dated(text), "{text}");
        }
    }
}
