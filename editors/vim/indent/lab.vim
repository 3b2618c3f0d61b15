" Lab: one step for each bracket that a line leaves open.
if exists('b:did_indent')
  finish
endif
let b:did_indent = 1
setlocal indentexpr=LabIndent(v:lnum) indentkeys=0{,0},0),0],!^F,o,O
let b:undo_indent = 'setlocal indentexpr< indentkeys<'

function! LabIndent(line) abort
  let before = prevnonblank(a:line - 1)
  if before == 0
    return 0
  endif
  let text = substitute(getline(before), '"[^"]*"\|//.*$', '', 'g')
  let open = len(substitute(text, '[^{\[(]', '', 'g')) - len(substitute(substitute(text, '^\s*[}\])]*', '', ''), '[^}\])]', '', 'g'))
  let closes = getline(a:line) =~# '^\s*[}\])]'
  return indent(before) + (open > 0 ? shiftwidth() : 0) - (closes ? shiftwidth() : 0)
endfunction
