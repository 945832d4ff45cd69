"""Files as people have them: found out how they are written, and read cell by cell.

`text` and `workbook` bring any file to lines of cells; `headings` finds the line that names the columns, and what the
file holds; `cells` reads one row, by the words of `words` and the days of `days`; `template` writes an empty workbook.
"""
