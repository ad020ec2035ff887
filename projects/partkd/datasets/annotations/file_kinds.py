"""What a file is that was taken for an annotation file, told by how it begins."""

from pathlib import Path

_REPACK = 'read it with the program that it is of, and write its clips with save_annotations'
_PACKED = 'unpack it first'
_KINDS = (
    (b'\x1f\x8b', 'is packed by gzip', _PACKED),
    (b'BZh', 'is packed by bzip2', _PACKED),
    (b'\xfd7zXZ\0', 'is packed by xz', _PACKED),
    (b'\x28\xb5\x2f\xfd', 'is packed by zstd', _PACKED),
    (b"7z\xbc\xaf'\x1c", 'is a 7z archive', _PACKED),
    (b'Rar!', 'is a rar archive', _PACKED),
    (b'PK\x03\x04', 'is a zip archive (.zip, .npz, .pth)', f'{_PACKED}, or {_REPACK}'),
    (b'\x93NUMPY', 'is an array of numpy (.npy)', _REPACK),
    (b'\x89HDF', 'is an HDF5 file (.h5, .mat)', _REPACK),
    (b'MATLAB', 'is a file of Matlab (.mat)', _REPACK),
    (b'\x89PNG', 'is a picture', 'name the annotation file'),
    (b'version https://git-lfs', 'is a pointer of Git LFS', 'fetch the file with `git lfs pull`'),
    (b'<', 'is a web page or XML', 'download the file itself'),
    (b'{', 'is JSON', _REPACK),
    (b'[', 'is JSON', _REPACK),
)


def kind_of_file(path: Path) -> str | None:
    """Tells kinds of files that are often named in the place of a pickle.

    Args:
        path (Path): The file.

    Returns:
        str | None: What it is and what to do about it, as the end of a sentence; None where nothing
        is known of it.
    """
    with path.open('rb') as file:
        start = file.read(64).lstrip()
    for magic, kind, remedy in _KINDS:
        if start.startswith(magic):
            return f'{kind}, no pickle: {remedy}'
    return None
