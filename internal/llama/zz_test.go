package llama
import ("testing";"strings";"time";"slices";"unsafe")
func TestZZ(t *testing.T){
 m:=openReal(t,"VRAAGBAAK_TEST_GENERATOR")
 for _,c:=range []struct{fa,k,v int32}{{0,1,1},{1,1,1},{1,8,8},{1,8,1},{1,1,8},{1,0,0},{1,1,0},{0,8,1}}{
 ctx,err:=m.newContext(func(p *contextParams){p.nCtx=2048;p.nBatch,p.nUbatch=128,128;p.nSeqMax=1;p.nThreads,p.nThreadsBatch=1,1;p.flashAttnType=c.fa;p.typeK=c.k;p.typeV=c.v})
 if err!=nil{t.Log(c,err);continue}
 w:=&writer{model:m,ctx:ctx,mem:m.lib.getMemory(ctx),window:2048,nVocab:int(m.lib.vocabNTokens(m.vocab)),reading:newPace(1),writing:newPace(1)}
 w.template=newChatTemplate(w.render)
 toks,_:=w.prompt(Request{User:strings.Repeat("De gemeente heft belasting op honden. ", 80)})
 t0:=time.Now()
 w.read(t.Context(),toks,func(kind,[]byte)error{return nil}); d1:=time.Since(t0)
 best:=time.Hour
 for i:=0;i<8;i++{t0=time.Now();w.decode(w.writing,toks[i:i+1]); best=min(best,time.Since(t0))}
 one:=slices.Clone(unsafe.Slice(w.lib.getLogitsIth(w.ctx, -1), w.nVocab))
 w.lib.memorySeqRm(w.mem, 0, int32(len(toks)+7), -1)
 w.decode(newFixedPace(2),toks[7:8])
 two:=slices.Clone(unsafe.Slice(w.lib.getLogitsIth(w.ctx, -1), w.nVocab))
 t.Logf("cfg %v: %d tokens read %.0f tok/s, best step %v same %v",c,len(toks),float64(len(toks))/d1.Seconds(),best,slices.Equal(one,two))
 }
}
