" Lab: what can be told without the compiler.
if exists('b:current_syntax')
  finish
endif
syntax iskeyword @,48-57,_,-
syntax keyword labStatement let param fn type schema component environment import test override remove fails assert assume
syntax keyword labControl if then else for and or not in because where as
syntax keyword labClause on at via to from of like
syntax keyword labConstant true false none self
syntax match labKind /^\h[0-9A-Za-z_-]*\ze\s\+[A-Za-z_"{]/
syntax match labField /\<\h[0-9A-Za-z_-]*\ze\s*+\?=[^=>]/
syntax match labNumber /\<\d\+\(\.\d\+\)*\([A-Za-z]\+\|%\)\?/
syntax match labNumber /\<v\d\+\(\.\d\+\)\+\S*/
syntax match labNumber /\(\w\|[)\]]\)\@1<!\.\d\+\(\.\d\+\)*\(-\.\d\+\)\?/
syntax match labNumber /\<\d\+\.\d\+\.\d\+\.\d\+\(\/\d\+\)\?/
syntax match labNumber /\<\(tcp\|udp\|sctp\|icmp\)\(+\w\+\)\?\/\d\+\(-\d\+\)\?/
syntax match labEscape /\\\(u{\x\+}\|.\)\|\$\${/ contained
syntax region labInside matchgroup=labDelimiter start=/\${/ end=/}/ contained oneline contains=labConstant,labNumber,labControl
syntax region labString start=/"/ end=/"\|$/ contains=labEscape,labInside oneline
syntax region labString start=/"""/ end=/"""/ contains=labEscape,labInside
syntax match labComment /\/\/.*$/ contains=@Spell
syntax match labDoc /\/\/\/.*$/ contains=@Spell
syntax region labComment start=/\/\*/ end=/\*\// contains=@Spell
highlight default link labStatement Statement
highlight default link labControl Conditional
highlight default link labClause Keyword
highlight default link labConstant Constant
highlight default link labKind Type
highlight default link labField Identifier
highlight default link labNumber Number
highlight default link labEscape SpecialChar
highlight default link labDelimiter Delimiter
highlight default link labString String
highlight default link labComment Comment
highlight default link labDoc SpecialComment
let b:current_syntax = 'lab'
