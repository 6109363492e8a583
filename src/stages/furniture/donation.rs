//! Boxes that ask for money: the button, and what stands over it to bring the reader to press it.

use std::ops::Range;

use crate::marks::{Mark, Marks, StageRule};
use crate::page::markup::{Kind, Markup};
use crate::rules::lexicon::{Topic, Topics};
use crate::stages::layout::Layout;

pub(super) const DONATION: StageRule = StageRule {
    address: "furniture#donation",
    why: "A box that asks for a donation: its button, and the appeal over it.",
};

/// Lines from the first of the appeal to the button at most.
const LINES: usize = 3;

/// Words of each of them at most.
const WORDS: u32 = 16;

pub(super) fn judge(layout: &Layout, marks: &mut Marks) {
    if !layout.has_any(Topics::of(&[Topic::Donation])) {
        return;
    }
    let markup = layout.reading.page.markup.as_deref();
    for button in (0..layout.len()).filter(|&block| is_button(layout, markup, block)) {
        let appeal = appeal(layout, markup, button);
        (appeal.start..=button).for_each(|block| marks.drop(block, Mark::judged(&DONATION)));
    }
}

/// A line that calls for a gift and says nothing else: of HTML a link or a button.
fn is_button(layout: &Layout, markup: Option<&Markup>, block: usize) -> bool {
    let can_be_pressed =
        |markup: &Markup| markup.settings[block].linked > 0 || markup.settings[block].kind == Kind::Field;
    layout.is(block, Topic::Donation) && markup.is_none_or(can_be_pressed)
}

/// The lines right over a button, from the one that opens as an appeal does.
fn appeal(layout: &Layout, markup: Option<&Markup>, button: usize) -> Range<usize> {
    let above = (0..button).rev().take(LINES).take_while(|&block| {
        let is_title = markup
            .is_some_and(|markup| markup.settings[block].kind == Kind::Heading && markup.settings[block].level == 1);
        layout.line(block).words <= WORDS && !is_title
    });
    let opens = |&block: &usize| layout.starts(block, Topic::Donation) || layout.is(block, Topic::Donation);
    above.filter(opens).last().unwrap_or(button)..button
}

#[cfg(test)]
mod tests {
    use crate::stages::furniture::Furniture;
    use crate::stages::trial::expect;

    #[test]
    fn the_appeal_goes_with_the_button_under_it() {
        let text = "+ Gulls sleep on one leg, and nobody has asked them why.";
        for (appeal, line, button) in [
            ("Help us feed the gulls", "Your gift buys herrings.", "Donate now"),
            ("Helfen Sie den Möwen", "Mit einer Spende kaufen wir Heringe.", "Jetzt spenden"),
            ("Aidez les mouettes", "Un peu chaque mois.", "Faire un don"),
            ("Помогите чайкам", "Раз в месяц.", "Сделать пожертвование"),
        ] {
            expect(&[&Furniture], &format!("{text}\n- {appeal}\n- {line}\n- {button}\n"));
        }
        expect(&[&Furniture], &format!("{text}\n+ They eat herring.\n- Donate today\n"));
    }

    #[test]
    fn what_is_no_appeal_stays_over_a_button_and_an_appeal_without_one() {
        expect(&[&Furniture], "+ The gulls\n+ They eat herring, and they pay for none.\n- Donate now\n");
        expect(&[&Furniture], "+ Help us, she cried, and rowed.\n+ Nobody came to the quay.\n");
    }
}
