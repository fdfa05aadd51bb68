"""The job that all baselines do: the label's words, its serials, its places in millimetres, and bars as strings of modules.

The clock of a baseline starts when its serials are made and its libraries are loaded, and stops when all bytes are there.
"""

import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SANS = ROOT / "fonts" / "IBMPlexSans-Regular.ttf"
MONO = ROOT / "fonts" / "IBMPlexMono-SemiBold.ttf"
LOGO = ROOT / "templates" / "catalogue" / "logos" / "borealis.png"

WIDTH, HEIGHT = 60.0, 40.0
MODULE = 0.25  # Code 128: two dots at 203 dpi
EAN_MODULE = 0.375
GTIN = "4006381333931"
PRODUCT = "TC-384 Thermal Camera"
SKU_LINE = "Borealis Optics · BO-TC384-EU"
IMPORTER = ("Imported by Borealis Optics GmbH,", "Lindenallee 12, 20259 Hamburg,", "Germany")
LINK_CAPTION = ("Manual and", "warranty")
LINK = "https://id.example.com/01/04006381333931/21/"
QR_MODULES = 33  # version 4: the link in byte mode at level M

# x, y from the top left corner, width and height; of texts: x, baseline, size in points, right aligned or not.
LOGO_BOX = (3.0, 2.3, 17.25, 4.6)
RULE_BOX = (3.0, 8.0, 54.0, 0.25)
CODE128_BOX = (3.0, 14.2, 41.75, 7.0)
EAN_BOX = (6.0, 22.9, 95 * EAN_MODULE, 9.6)  # bars only; the first digit stands to their left
QR_BOX = (44.6, 25.2, 12.4, 12.4)
TEXTS = (
    (57.0, 5.0, 7.5, True, PRODUCT),
    (57.0, 7.3, 5.5, True, SKU_LINE),
    (3.0, 12.9, 6.0, False, "S/N"),
    (57.0, 19.3, 5.0, True, LINK_CAPTION[0]),
    (57.0, 21.2, 5.0, True, LINK_CAPTION[1]),
    (3.0, 35.0, 4.5, False, IMPORTER[0]),
    (3.0, 36.8, 4.5, False, IMPORTER[1]),
    (3.0, 38.6, 4.5, False, IMPORTER[2]),
)
SERIAL_TEXT = (8.4, 12.9, 12.25)

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def serials(count):
    """Serials without order: the same as in benches/label.rs."""
    for ordinal in range(count):
        bits = (ordinal + 1) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
        bits ^= bits >> 29
        yield "".join([ALPHABET[bits >> shift & 31] for shift in range(0, 60, 5)])


def grouped(serial):
    return f"{serial[:4]}-{serial[4:8]}-{serial[8:]}"


# ISO/IEC 15417, table 1: widths of bars and spaces of the values 0 to 105, and of the stop.
CODE128_WIDTHS = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 "
    "123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 "
    "232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 "
    "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 "
    "111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 "
    "111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 "
    "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112"
).split()
START_B, STOP = 104, 106


def modules(widths):
    """`2112` gives `110100`: a bar is ones, a space zeros."""
    return "".join("10"[at % 2] * int(width) for at, width in enumerate(widths))


CODE128_MODULES = [modules(widths) for widths in CODE128_WIDTHS]


def code128_values(serial):
    """Code set B from start to stop; 12 characters are always 167 modules."""
    values = [ord(letter) - 32 for letter in serial]
    check = START_B + sum(place * value for place, value in enumerate(values, 1))
    return [START_B, *values, check % 103, STOP]


EAN_LEFT = ("0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011")
EAN_PARITY = ("000000", "001011", "001101", "001110", "010011", "011001", "011100", "010101", "010110", "011010")


def ean13_modules(gtin):
    """The 95 modules of EAN-13, ISO/IEC 15420."""
    flip = str.maketrans("01", "10")
    left = [EAN_LEFT[int(digit)] for digit in gtin[1:7]]
    right = [EAN_LEFT[int(digit)].translate(flip) for digit in gtin[7:]]
    for place, parity in enumerate(EAN_PARITY[int(gtin[0])]):
        if parity == "1":
            left[place] = left[place].translate(flip)[::-1]
    return "101" + "".join(left) + "01010" + "".join(right) + "101"


def qr_segno():
    """Rows of ones and zeros by segno, which is written in Python."""
    import segno

    def matrix(text):
        return segno.make_qr(text, error="m", version=4, mode="byte", boost_error=False).matrix

    return matrix


def qr_zxing():
    """Rows of ones and zeros by zxing-cpp, which is written in C++: black is 0 there."""
    import zxingcpp

    code, flip = zxingcpp.BarcodeFormat.QRCode, bytes([1]) + bytes(255)

    def matrix(text):
        symbol = zxingcpp.create_barcode(text, code, ec_level="M").to_image(add_quiet_zones=False)
        image = memoryview(symbol)
        cells, side = image.tobytes().translate(flip), image.shape[0]
        return [cells[row : row + side] for row in range(0, side * side, side)]

    return matrix


def qr_fastest():
    """zxing-cpp where it is installed, else segno."""
    try:
        return qr_zxing()
    except ImportError:
        return qr_segno()


def arguments(modes):
    """`program [labels] [mode] [file or folder for what is made]`"""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    mode = sys.argv[2] if len(sys.argv) > 2 else modes[0]
    if mode not in modes:
        raise SystemExit(f"{mode}: not one of {', '.join(modes)}")
    return count, mode, Path(sys.argv[3]) if len(sys.argv) > 3 else None


def report(count, seconds, size):
    """The line that the bench reads: labels a CPU second, bytes a label."""
    print(f"{count / seconds:.1f} {size / count:.1f}")


cpu_seconds = time.process_time
