" Lab: comments, names with dashes, two blanks.
if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1
setlocal commentstring=//\ %s comments=:///,://,s1:/*,mb:*,ex:*/
setlocal iskeyword+=- shiftwidth=2 softtabstop=2 expandtab
setlocal formatoptions-=t formatoptions+=croql
if executable('labc')
  setlocal formatprg=labc\ fmt\ -
  setlocal makeprg=labc\ check\ --color\ never
  setlocal errorformat=%E%trror[%m,%W%tarning[%m,%Z\ %#-->\ %f:%l:%c,%-G%.%#
endif
let b:undo_ftplugin = 'setlocal commentstring< comments< iskeyword< shiftwidth< softtabstop< expandtab< formatoptions< formatprg< makeprg< errorformat<'
if has('nvim') && get(g:, 'lab_lsp', 1)
  lua require('lab').attach()
endif
