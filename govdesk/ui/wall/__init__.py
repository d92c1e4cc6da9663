"""The wall screen 大屏: scenes that rotate, each a small file that gives tiles of plain HTML."""
