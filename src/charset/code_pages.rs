//! The charsets of one byte a character that the WHATWG Encoding Standard lacks: code pages of DOS, and Vietnamese
//! before Unicode. The tables are those of glibc's iconv.

use super::CodePage;

/// The code page of DOS in America.
pub(crate) static CODE_PAGE_437: CodePage = CodePage {
    name: "IBM437",
    labels: &["437", "cp437", "cspc8codepage437", "ibm437", "oem-us"],
    high: "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒ\
         áíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
         └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀\
         αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}",
    low: &[],
};

/// The code page of DOS in Western Europe.
pub(crate) static CODE_PAGE_850: CodePage = CodePage {
    name: "IBM850",
    labels: &["850", "cp850", "cspc850multilingual", "ibm850"],
    high: "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒ\
         áíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐\
         └┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀\
         ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{AD}±‗¾¶§÷¸°¨·¹³²■\u{A0}",
    low: &[],
};

/// The code page of DOS in Central Europe.
pub(crate) static CODE_PAGE_852: CodePage = CodePage {
    name: "IBM852",
    labels: &["852", "cp852", "cspcp852", "ibm852"],
    high: "ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×č\
         áíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐\
         └┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀\
         ÓßÔŃńňŠšŔÚŕŰýÝţ´\u{AD}˝˛ˇ˘§÷¸°¨˙űŘř■\u{A0}",
    low: &[],
};

/// Vietnamese in TCVN 5712, of which TCVN3 (ABC) is a part.
pub(crate) static TCVN: CodePage = CodePage {
    name: "TCVN",
    labels: &["tcvn", "tcvn-0", "tcvn3", "tcvn5712", "tcvn-5712", "tcvn5712-1", "tcvn5712-1:1993", "x-viet-tcvn5712"],
    high: "ÀẢÃÁẠẶẬÈẺẼÉẸỆÌỈĨÍỊÒỎÕÓỌỘỜỞỠỚỢÙỦŨ\
         \u{A0}ĂÂÊÔƠƯĐăâêôơưđẰ\u{300}\u{309}\u{303}\u{301}\u{323}àảãáạẲằẳẵắẴ\
         ẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịò\
         ỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ",
    low: &[],
};

/// Vietnamese on Usenet and the first web pages, which has letters in the place of six controls as well.
pub(crate) static VISCII: CodePage = CodePage {
    name: "VISCII",
    labels: &["csviscii", "viscii", "viscii1.1-1"],
    high: "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲ\
         ÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯ\
         ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡư\
         àáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ",
    low: &[(0x02, 'Ẳ'), (0x05, 'Ẵ'), (0x06, 'Ẫ'), (0x14, 'Ỷ'), (0x19, 'Ỹ'), (0x1E, 'Ỵ')],
};

/// All of them.
pub(super) static ALL: [&CodePage; 5] = [&CODE_PAGE_437, &CODE_PAGE_850, &CODE_PAGE_852, &TCVN, &VISCII];
